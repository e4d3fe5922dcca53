"""Sentences about the account itself: opening, authorities, policy, rating, listing, freezing, clocks."""

from collections.abc import Iterator, Mapping

from ledger.domain import events as e
from ledger.domain.errors import CATALOGUE
from ledger.rulebook.explanations.wording import Teller, Told, figure, word

SENTENCES: dict[type[e.Event], Told] = {
    e.AccountOpened: Told(
        "The supervised account {account_no} of institution {institution_id} was opened at bank {bank}, in district "
        "{district}, under {authorities} and the policy pack {pack}.",
        "机构{institution_id}在{bank}银行开立监管专用账户{account_no}，所属区县{district}，主管{authorities}，"
        "适用政策包{pack}。",
    ),
    e.OpeningBalanceImported: Told(
        "Supervision began with {cash_fen} at the bank: {earned_fen} earned, {reserve_fen} reserve and {suspense_fen} "
        "of families not assigned yet, by document {document}.",
        "监管开始时银行余额{cash_fen}：已消课{earned_fen}，准备金{reserve_fen}，待分配家长款{suspense_fen}，依据文件{document}。",
    ),
    e.AuthorityChanged: Told(
        "The supervising authorities are now {authorities}: {reason}.", "主管部门变更为{authorities}：{reason}。"
    ),
    e.PolicyAssigned: Told(
        "From now on the account follows the policy pack {pack}: {reason}.", "账户改为适用政策包{pack}：{reason}。"
    ),
    e.RatingChanged: Told(
        "The institution's rating is now {rating}: {reason}.", "机构信用等级变更为{rating}：{reason}。"
    ),
    e.ListingChanged: Told("The institution is now on: {listing} ({reason}).", "机构名单变更为{listing}：{reason}。"),
    e.AccountFrozen: Told(
        "The account was frozen for {scope}: {reason}. Refunds go on.", "账户冻结{scope}：{reason}。退费照常。"
    ),
    e.AccountUnfrozen: Told("The freeze of {scope} ended: {reason}.", "解除对{scope}的冻结：{reason}。"),
    e.TeachingSuspended: Told(
        "Teaching is suspended from {effective_on} (force majeure): {reason}. No clock runs and nothing is paid out; "
        "refunds go on.",
        "自{effective_on}起停课（不可抗力）：{reason}。期限停算，暂停拨付，退费照常。",
    ),
    e.TeachingResumed: Told(
        "Teaching goes on from {effective_on}; clocks and payouts had stood still since {since_on}: {reason}.",
        "自{effective_on}起复课，期限与拨付自{since_on}起曾停止，现恢复：{reason}。",
    ),
    e.DeadlinesMoved: Told("Open deadlines were counted anew: {reason}.", "未到期限重新计算：{reason}。"),
}


def _moved(event: e.DeadlinesMoved) -> Iterator[Told]:
    for line in event.lines:
        clock, old, new = word(line.clock), line.old_on, line.new_on
        about = f" ({line.subject_id})" if line.subject_id else ""
        yield Told(f"{clock.en}{about}: {old} -> {new}", f"{clock.zh}{about}：{old} → {new}")
        if line.term is not None:
            yield counted(line.term)


def counted(term: e.Term) -> Told:
    """How a deadline was counted."""
    unit = word(term.unit)
    en = f"{term.count} {unit.en} after {term.starts_on}"
    zh = f"自{term.starts_on}次日起{term.count}{unit.zh}"
    for pause in term.pauses:
        en += f", without {pause.from_on} to the day before {pause.until_on}"
        zh += f"，不计{pause.from_on}至{pause.until_on}前一日"
    if term.provisional:
        en += "; provisional, since the holidays of a year it crosses were not published"
        zh += "；暂定，所跨年度节假日尚未公布"
    return Told(en + ".", zh + "。")


def deadline(term: e.Term | None) -> Iterator[Told]:
    """The same for a deadline that may have been recorded without it."""
    if term is not None:
        yield counted(term)


def refusal(code: str, figures: Mapping[str, int | str]) -> Told:
    """The sentence of a refusal code with its figures; the bare code, where it is none of the domain's."""
    entry = CATALOGUE.get(code)
    if entry is None:
        return Told(f"Code {code}.", f"代码{code}。")
    words = {name: word(value) if name == "kind" else Told(value, value) for name, value in _texts(figures)}
    return Told(
        entry.en.format_map({name: value.en for name, value in words.items()}),
        entry.zh.format_map({name: value.zh for name, value in words.items()}),
    )


def _texts(figures: Mapping[str, int | str]) -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        yield name, str(value)


def total(name: Told, *amounts: int) -> Told:
    """A sum with its parts: `a + b = c`."""
    parts = [figure("_fen", amount) for amount in (*amounts, sum(amounts))]
    en, zh = ([part[language] for part in parts] for language in (0, 1))
    return Told(
        f"{name.en}: {' + '.join(en[:-1])} = {en[-1]}.",
        f"{name.zh}：{' + '.join(zh[:-1])} = {zh[-1]}。",
    )


def _opening(event: e.OpeningBalanceImported) -> Iterator[Told]:
    yield total(Told("Cash", "现金"), event.earned_fen, event.reserve_fen, event.suspense_fen)


DETAILS: dict[type[e.Event], Teller] = {e.DeadlinesMoved: _moved, e.OpeningBalanceImported: _opening}
