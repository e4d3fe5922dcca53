"""Expected failures of any command become one sentence and an exit status; everything else is a defect and shows."""

from tomllib import TOMLDecodeError
from typing import Any

import psycopg
import typer
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from typer.core import TyperGroup

from ledger.cli.output import USAGE, fail
from ledger.domain.errors import LedgerError
from ledger.projections.positions import OtherReleaseError
from ledger.projections.rebuild import UnknownViewError
from ledger.rulebook.problems import RulebookError
from ledger.settings import config_file
from ledger.storage.errors import StorageError


class EscrowGroup(TyperGroup):
    """The root group: catches what a command expects to happen."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (LedgerError, RulebookError, StorageError) as error:
            fail(error.code, error.message, error.message_zh, figures=error.figures)
        except ValidationError as error:
            problems = "; ".join(_setting_problem(dict(one)) for one in error.errors())
            fail("setting_wrong", f"A setting is wrong: {problems}", f"设置有误：{problems}", status=USAGE)
        except TOMLDecodeError as error:
            fail(
                "settings_file_malformed",
                f"The settings file {config_file()} is not TOML: {error}",
                f"设置文件{config_file()}不是合法的TOML：{error}",
                status=USAGE,
            )
        except UnknownViewError as error:
            fail("view_unknown", f"{error}.", f"没有该视图：{error}。", status=USAGE)
        except OtherReleaseError as error:
            fail("view_other_release", f"{error}: run `escrow rebuild`.", f"{error}：请运行 `escrow rebuild`。")
        except (psycopg.OperationalError, PoolTimeout) as error:
            reason = str(error).strip()
            fail("database_failed", f"The database failed: {reason}", f"数据库出错：{reason}")
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            fail("system_refused", f"The system refused: {reason}", f"系统拒绝：{reason}")
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def _setting_problem(problem: dict[str, Any]) -> str:
    """Which setting, and what of it, without its value: that may be a secret."""
    name = "_".join(str(part) for part in problem["loc"]) or "settings"
    return f"ESCROW_{name.upper()}: {problem['msg']}"
