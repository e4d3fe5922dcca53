"""The claims pack: one directory with everything that is needed to pay an institution's families, signed."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.application.ledger import CHINA
from ledger.application.packs.claims import AccountClaims, ClaimShare
from ledger.application.packs.claims_tables import arithmetic, by_family, lines_of, write_claims_tables
from ledger.application.packs.payees import Payees
from ledger.packs.documents import Document, Section, Table, to_pdfs, yuan
from ledger.packs.manifest import seal_pack
from ledger.packs.tables import write_parquet

TITLE = "退费清算包 Claims pack"
VOLUME = 1_000
"""So many families go into one printed volume."""
_CORRECTIONS = {"agreed_otherwise": "另行商定 agreed otherwise", "paid_before": "此前已付 paid before"}


class PackWritten(NamedTuple):
    """What was written: the directory, the SHA-256 of its manifest, and how many families and claims are in it."""

    directory: Path
    sha256: str
    families: int
    claims: int


class Totals(NamedTuple):
    """The pack's figures (fen). `share_fen` is what families have in all if the cash is shared now."""

    families: int
    claims: int
    claims_fen: int
    given_fen: int
    paid_fen: int
    share_fen: int
    lost_fen: int
    cash_fen: int
    available_fen: int


def totals_of(claims: AccountClaims) -> Totals:
    """The sums over all claims."""
    shares = claims.shares
    return Totals(
        families=len({share.claim.family_id for share in shares}),
        claims=len(shares),
        claims_fen=sum(share.claim.claim_fen for share in shares),
        given_fen=sum(share.given_fen for share in shares),
        paid_fen=sum(share.paid_fen for share in shares),
        share_fen=sum(share.share_fen for share in shares),
        lost_fen=sum(share.lost_fen for share in shares),
        cash_fen=claims.account.buckets.cash,
        available_fen=claims.available_fen,
    )


def write_claims_pack(
    claims: AccountClaims, directory: Path, key: Ed25519PrivateKey, *, payees: Payees | None = None
) -> PackWritten:
    """Write the pack into an empty directory. The same claims, payees and key give the same bytes. Raises OSError."""
    totals = totals_of(claims)
    for table in write_claims_tables(claims, directory, payees):
        write_parquet(table)
    documents = list(_volumes(claims, totals, payees))
    for number, pdf in enumerate(to_pdfs(documents), start=1):
        (directory / _volume_name(number, len(documents))).write_bytes(pdf)
    account, place = claims.account, claims.place
    facts: dict[str, object] = {
        "kind": "claims",
        "account_id": str(place.account_id),
        "institution_id": account.institution_id,
        "bank": account.bank,
        "account_no": account.account_no,
        "district": account.district,
        "as_of": place.as_of.astimezone(UTC).isoformat(),
        "partition": place.partition,
        "position": place.position,
        "version": place.version,
        "policy": claims.policy,
        "winding_down": claims.winding_down,
        "with_names": payees is not None,
        "totals": totals._asdict(),
    }
    return PackWritten(directory, seal_pack(directory, facts, key), totals.families, totals.claims)


def _volume_name(number: int, volumes: int) -> str:
    return "claims.pdf" if volumes == 1 else f"claims-{number:02d}.pdf"


def _volumes(claims: AccountClaims, totals: Totals, payees: Payees | None) -> Iterator[Document]:
    """The printed pack: the totals are in the first volume, each family is in one volume as a whole."""
    place = claims.place
    at = place.as_of.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    foot = f"账户 {place.account_id}  版本 {place.version}  位置 {place.partition}:{place.position}  截至 {at} (UTC+8)"
    parts = _parts(claims)
    for number, part in enumerate(parts, start=1):
        which = "" if len(parts) == 1 else f"（第 {number} 卷，共 {len(parts)} 卷）"
        first = list(_first_sections(claims, totals, at)) if number == 1 else list[Section]()
        sections = [*first, *_family_sections(part, payees)]
        yield Document(f"{TITLE}{which}", place.as_of, f"{foot} {which}".rstrip(), sections, landscape=True)


def _parts(claims: AccountClaims) -> list[AccountClaims]:
    """The claims in parts of `VOLUME` families, in order; one part without any if there are none."""
    families = sorted({share.claim.family_id for share in claims.shares})
    parts: list[list[ClaimShare]] = [[] for _ in range(0, max(1, len(families)), VOLUME)]
    place_of = {family_id: index // VOLUME for index, family_id in enumerate(families)}
    for share in claims.shares:
        parts[place_of[share.claim.family_id]].append(share)
    return [claims._replace(shares=part) for part in parts]


def _first_sections(claims: AccountClaims, totals: Totals, at: str) -> Iterator[Section]:
    account = claims.account
    yield Section(
        paragraphs=[
            f"机构 {account.institution_id}，托管银行 {account.bank}，监管账户 {account.account_no}，"
            f"区域 {account.district}。截至 {at}（北京时间），所依政策 {claims.policy}。",
            _standing(claims),
            "金额单位为元；附表以分计。姓名及账户仅在单独授权并留痕后列出。"
            "字库未收录的字以 [U+编码] 表示，附表保留原字。",
        ]
    )
    figures = [
        ("应退合计 Claims", totals.claims_fen),
        ("账户现金 Cash", totals.cash_fen),
        ("可分配 Available to share", totals.available_fen),
        ("已分配 Given", totals.given_fen),
        ("已支付 Paid", totals.paid_fen),
        ("可得合计 Shares", totals.share_fen),
        ("缺口 Lost", totals.lost_fen),
    ]
    rows = [[name, yuan(amount_fen)] for name, amount_fen in figures]
    counted = f"一、合计 Totals（{totals.families} 户，{totals.claims} 笔）"
    yield Section(counted, table=Table(["项目", "金额（元）"], [3, 2], rows, frozenset({1})))


def _family_sections(claims: AccountClaims, payees: Payees | None) -> Iterator[Section]:
    heads = ["家庭 Family", "合同数", "应退 Claim", "已付 Paid", "可得 Share", "缺口 Lost"]
    widths = [5, 1, 2, 2, 2, 2]
    if payees is not None:
        heads.insert(1, "姓名 Name")
        widths.insert(1, 4)
    first = 1 if payees is None else 2
    numbers = frozenset(range(first, len(heads)))
    yield Section("二、各户 Families", table=Table(heads, widths, list(_family_rows(claims, payees)), numbers))
    yield Section(
        "三、逐笔核算 Arithmetic",
        paragraphs=["实付 - 已消课（已消/总课时）- 待确认 - 此前已退 - 此前扣除 = 应退；单位：分。"],
        table=Table(
            ["家庭", "合同 Contract", "课包", "依据 Rules", "算式 (fen)", "金额（元）"],
            [4, 4, 1, 4, 5, 2],
            list(_arithmetic_rows(claims)),
            frozenset({5}),
        ),
    )
    heads = ["家庭", "合同 Contract", "原付款 Payment", "原路标识 Route", "应退（元）", "本次（元）"]
    widths = [4, 4, 4, 4, 2, 2]
    if payees is not None:
        heads.insert(4, "收款账户 Payee")
        widths.insert(4, 5)
    numbers = frozenset({len(heads) - 2, len(heads) - 1})
    yield Section("四、原路退回 Routes", table=Table(heads, widths, list(_route_rows(claims, payees)), numbers))


def _standing(claims: AccountClaims) -> str:
    wind_down = claims.account.wind_down
    if wind_down is None:
        return "该账户未进入清算。以下为假定此刻清算的结果，未作任何登记。 Not wound up: this is what it would be now."
    return f"该账户自 {wind_down.started_on} 起清算。 Wound up since then; shares include cash not yet shared."


def _family_rows(claims: AccountClaims, payees: Payees | None) -> Iterator[list[str]]:
    for family in by_family(claims):
        names = [] if payees is None else ["、".join(payees.names.get(family.family_id, ()))]
        amounts = (family.claim_fen, family.paid_fen, family.share_fen, family.lost_fen)
        yield [family.family_id, *names, str(family.contracts), *map(yuan, amounts)]


def _arithmetic_rows(claims: AccountClaims) -> Iterator[list[str]]:
    for share in claims.shares:
        for line in lines_of(share):
            place = [share.claim.family_id, _contract(share)]
            if line.quote is None:
                yield [*place, "", "", _CORRECTIONS[line.kind], yuan(line.amount_fen)]
            else:
                rules = " ".join(line.quote.rules)
                yield [*place, str(line.quote.package), rules, arithmetic(line.quote), yuan(line.amount_fen)]


def _route_rows(claims: AccountClaims, payees: Payees | None) -> Iterator[list[str]]:
    for share in claims.shares:
        at_bank = [(route, route.amount_fen, " （银行处理中）") for route in share.at_bank]
        to_pay = [(route, pays_fen, "") for route, pays_fen in share.routes()]
        for route, pays_fen, remark in (*at_bank, *to_pay):
            row = [share.claim.family_id, _contract(share), route.payment_reference + remark, route.route]
            if payees is not None:
                payee = payees.routes.get(route.route)
                row.append("" if payee is None else f"{payee.bank} {payee.account_no} {payee.holder_name}")
            yield [*row, yuan(route.amount_fen), yuan(pays_fen)]


def _contract(share: ClaimShare) -> str:
    return share.contract_no or share.claim.contract_id
