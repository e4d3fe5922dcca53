"""Settings of one process, read from the environment (`ESCROW_*`) and from one TOML file.

Order of precedence: arguments, environment, the file named by `ESCROW_CONFIG` (or `escrow.toml` in the working
directory, if it is there), defaults. The reference page is generated from the field descriptions below.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

DEFAULT_CONFIG_FILE = Path("escrow.toml")
_SECRET_KEYS = ("password", "sslpassword")
_URLS = ("code_gateway_url", "oidc_issuer")
_SECRETS = ("code_gateway_secret", "oidc_client_secret")


class Settings(BaseSettings):
    """Everything that an operator may set. Durations end in `_s` (seconds), sizes in `_bytes`."""

    model_config = SettingsConfigDict(env_prefix="ESCROW_", extra="forbid", frozen=True)

    database_url: str | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL 15 or later, as a postgresql:// URL. Unset: an embedded server in `data_dir`.",
    )
    data_dir: Path = Field(
        default=Path(".data"),
        description="Directory of the embedded server's cluster and of the files which this installation keeps.",
    )
    pg_user: str | None = Field(
        default=None,
        description="Existing unprivileged account which runs the embedded server when the ledger is started by root. "
        "Unset: nobody.",
    )
    rulebook_dir: Path | None = Field(
        default=None,
        description="Directory of rule packs of one's own (`*.yaml`, `released.json`, `calendar/`), beside those built "
        "in. Unset: those only.",
    )
    people_master_key_file: Path | None = Field(
        default=None,
        description="File of the master keys that wrap the keys of persons, made at the first start. Keep it out of "
        "the database's backups. Unset: `people-master.key` in `data_dir`.",
    )
    people_keys_dir: Path | None = Field(
        default=None,
        description="Directory with one wrapped key a person; its loss makes all personal data unreadable. Keep it out "
        "of the database's backups. Unset: `people-keys` in `data_dir`.",
    )
    partitions: int = Field(
        default=4,
        ge=1,
        le=1024,
        description="Number of event partitions. Fixed when the store is created; a later mismatch is refused.",
    )
    host: str = Field(default="127.0.0.1", description="Address on which the HTTP server listens.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the HTTP server. 0 takes a free one.")
    public_url: str = Field(
        default="http://127.0.0.1:8080",
        pattern=r"^https?://[^/\s?#]+$",
        description="Scheme and host under which clients reach the server. It is the issuer of tokens and the "
        "audience of clients' assertions.",
    )
    rate_limit_per_s: int = Field(
        default=5_000,
        ge=0,
        description="Requests which one client may make in a second, counted in each server process. 0 sets no limit.",
    )
    token_rate_limit_per_minute: int = Field(
        default=600,
        ge=0,
        description="Token requests from one address in a minute, counted in each server process. 0 sets no limit.",
    )
    writer_queue_limit: int = Field(
        default=20_000,
        ge=1,
        description="Commands that may wait for the writer. Beyond it a command is answered 503 with Retry-After.",
    )
    writer_max_batch: int = Field(
        default=2_000, ge=1, description="Most commands which the writer appends in one database commit."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object a line, or coloured text for a terminal."
    )
    token_ttl_s: int = Field(
        default=600, ge=30, le=86_400, description="Life of an access token issued by the server, in seconds."
    )
    allow_dev_secrets: bool = Field(
        default=False,
        description="Allows the keys and client secrets that are generated for demonstrations. Never in production.",
    )
    projection_poll_interval_s: float = Field(
        default=0.2,
        gt=0,
        le=60,
        description="Longest time for which a projection sleeps before it looks for events of other processes.",
    )
    request_body_limit_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="Largest request body that the HTTP server reads."
    )
    request_log_days: int = Field(
        default=30,
        ge=0,
        le=3_650,
        description="Days for which the requests of API clients are kept for the pages of banks and of the operator. "
        "0: none is recorded, and those that were are deleted.",
    )
    webhook_private_addresses: bool = Field(
        default=False,
        description="Allows webhooks to private addresses and to this machine. Only where the receivers are in the "
        "operator's own network.",
    )
    code_gateway_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="Where families' one-time codes are posted to, for the operator's gateway to send on. Unset: "
        "families cannot sign in to the pages, except with `allow_dev_secrets`: then codes go to a file in `data_dir`.",
    )
    code_gateway_secret: str | None = Field(
        default=None,
        repr=False,
        min_length=32,
        description="Secret by which posts to the gateway are signed (Standard Webhooks, `whsec_...` or plain text).",
    )
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="Issuer of an OpenID Connect provider by which staff may sign in to the pages. Its users must be "
        "users here too: it says who it is, the ledger says what she may. Unset: passwords and authenticators only.",
    )
    oidc_client_id: str = Field(default="escrow", description="The ledger's client id at the provider.")
    oidc_client_secret: str | None = Field(default=None, repr=False, description="The ledger's secret at the provider.")
    oidc_user_claim: str = Field(
        default="preferred_username", description="Claim of the ID token that is the user name here."
    )
    backup_marker: Path | None = Field(
        default=None,
        description="File that the operator's backup touches after it succeeded; the operator's pages show its age. "
        "Unset: the ledger is not told of backups.",
    )
    stream_heartbeat_s: float = Field(
        default=15.0, gt=0, le=300, description="Time after which a live stream without changes says that it lives."
    )
    shutdown_grace_s: int = Field(
        default=10, ge=0, le=600, description="Time which running requests get to finish when the server stops."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())

    def describe(self) -> list["SettingDescription"]:
        """One row a setting, in declaration order; passwords are replaced by asterisks."""
        rows: list[SettingDescription] = []
        for name, field in type(self).model_fields.items():
            value: object = getattr(self, name)
            shown = redact_password(str(value)) if name == "database_url" and value is not None else _show(value)
            if name in _SECRETS and value is not None:
                shown = "***"
            if name in _URLS and value is not None:
                shown = without_credentials(str(value))
            rows.append(
                SettingDescription(
                    name=name,
                    variable=f"ESCROW_{name.upper()}",
                    value=shown,
                    default=_show(field.get_default()),
                    description=field.description or "",
                )
            )
        return rows


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting as an operator sees it; `value` and `default` are text, and empty where unset."""

    name: str
    variable: str
    value: str
    default: str
    description: str


def config_file() -> Path | None:
    """The TOML file in force, or None.

    Errors: FileNotFoundError when ESCROW_CONFIG names a file which is not there, because running with defaults instead
    would be a silent change of configuration.
    """
    named = os.environ.get("ESCROW_CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise FileNotFoundError(f"ESCROW_CONFIG names {path}, which is not a file")
        return path
    return DEFAULT_CONFIG_FILE if DEFAULT_CONFIG_FILE.is_file() else None


def redact_password(url: str) -> str:
    """The connection string in keyword form, without its secrets, fit for a terminal or a log."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        return "(not a PostgreSQL connection string)"
    return make_conninfo("", **{key: "***" if key in _SECRET_KEYS else value for key, value in parts.items()})


def without_credentials(url: str) -> str:
    """A URL without a user and without what its query says, fit for a terminal or a page."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="***" if parts.query else ""))


def _show(value: object) -> str:
    return "" if value is None else str(value)
