"""`escrow migrate`: bring the database to the schema of this release."""

from ledger.cli.output import JsonOption, is_json, print_json, say
from ledger.settings import Settings
from ledger.storage.database import Database
from ledger.storage.migrate import migrate


def run(json_: JsonOption = False) -> None:
    """Create the store, or apply the migrations that it lacks. Run it before `serve` after an upgrade."""
    settings = Settings()
    with Database.open(settings) as database:
        applied = migrate(database.url, settings.partitions)
    if is_json():
        print_json({"applied": [migration.label for migration in applied]})
        return
    for migration in applied:
        say(f"applied {migration.label}", f"已执行 {migration.label}")
    say(f"The schema is up to date ({len(applied)} applied).", f"数据库结构已是最新（执行{len(applied)}个迁移）。")
