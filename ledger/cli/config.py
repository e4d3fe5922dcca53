"""`escrow config`: the settings in force."""

import typer

from ledger.cli.output import JsonOption, choose, is_json, print_json, say
from ledger.settings import Settings, config_file

app = typer.Typer(help="The settings in force.", no_args_is_help=True)


@app.command("show")
def show(json_: JsonOption = False) -> None:
    """Print every setting: its value, its variable and its default. Passwords are not shown."""
    rows = Settings().describe()
    file = config_file()
    if is_json():
        settings = {row.name: {"value": row.value, "variable": row.variable, "default": row.default} for row in rows}
        print_json({"file": None if file is None else str(file), "settings": settings})
        return
    say(f"File: {file or 'none'}", f"配置文件：{file or '无'}")
    for row in rows:
        print(f"{row.name} = {row.value or choose('(unset)', '（未设置）')}    {row.variable}")
