"""Sentences about supervision cases and inspection draws."""

from collections.abc import Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.account import refusal
from ledger.rulebook.explanations.wording import Teller, Told, figures, money, word

SENTENCES: dict[type[e.Event], Told] = {
    e.CaseOpened: Told(
        "A case ({kind}) about institution {institution_id} was opened by {source}: {reason}. {owner} received it "
        "first and owns it to the end.",
        "{source}提起案件（{kind}），涉及机构{institution_id}：{reason}。首接责任单位{owner}负责到底。",
    ),
    e.CaseReclassified: Told("The case turned out to be: {kind} ({reason}).", "案件改为{kind}：{reason}。"),
    e.CaseTransferred: Told(
        "{to_handler} works on the case instead of {from_handler}: {reason}. The first receiver still owns it.",
        "案件由{from_handler}转{to_handler}办理：{reason}。首接责任不变。",
    ),
    e.CaseAssigned: Told("The case is with the officers {officers}.", "案件承办人：{officers}。"),
    e.CaseStepStarted: Told(
        "Step {number} ({step}) began; {who} has until {due_on}.",
        "第{number}步（{step}）开始，{who}须在{due_on}前完成。",
    ),
    e.CaseStepDone: Told("Step {number} ended: {note}.", "第{number}步完成：{note}。"),
    e.CaseStepOverdue: Told("Step {number} is past its last day {due_on}.", "第{number}步已逾期（期限{due_on}）。"),
    e.CaseNoted: Told("Noted: {note}.", "记录：{note}。"),
    e.CaseInspectionRecorded: Told(
        "The institution was inspected on {effective_on}: passed: {passed}; findings: {findings}; pupils there: "
        "{head_count}; {note}.",
        "{effective_on}现场检查：合格：{passed}；问题{findings}项；在场学员{head_count}；{note}。",
    ),
    e.CaseRectificationRequired: Told("The institution has to put these right.", "责令机构整改以下事项。"),
    e.CaseRectificationAnswered: Told(
        "On {item_id} the institution says: {answer}.", "机构就{item_id}答复：{answer}。"
    ),
    e.CaseRectificationChecked: Told(
        "{item_id} was looked at again: passed: {passed}; due again: {due_on}; {note}.",
        "{item_id}复查：合格：{passed}；再次整改期限{due_on}；{note}。",
    ),
    e.CaseRectificationOverdue: Told(
        "{item_id} was not put right by {due_on}.", "{item_id}逾期未整改（期限{due_on}）。"
    ),
    e.CaseMediated: Told(
        "The mediation ended: agreed: {agreed}; {amount_fen}; {terms}.",
        "调解结束：达成一致：{agreed}；金额{amount_fen}；{terms}。",
    ),
    e.CaseActionDecided: Told(
        "It was decided to {action}: {reason} (action {action_id}).", "决定{action}：{reason}（措施{action_id}）。"
    ),
    e.CaseLinked: Told(
        "Carried out in the account {about_account_id}: its event {version}, at position {position} of partition "
        "{partition}.",
        "已在账户{about_account_id}落实：第{version}个事件，分区{partition}位置{position}。",
    ),
    e.CaseActionRefused: Told(
        "The account refused the action {action_id}: {code}.", "账户拒绝措施{action_id}：{code}。"
    ),
    e.CaseClosed: Told("The owner closed the case: {outcome} ({reason}).", "首接单位结案：{outcome}（{reason}）。"),
    e.CaseReopened: Told("The case goes on: {reason}.", "案件重启：{reason}。"),
    e.InspectionDrawAnnounced: Told(
        "A draw was announced for {draw_on} or later; its list is fixed by the digest {digest}.",
        "公布抽查名单，于{draw_on}或之后抽取，名单摘要{digest}。",
    ),
    e.InspectionDrawn: Told(
        "The draw of the list {digest} took place with the seed {seed}.", "名单{digest}已抽取，种子{seed}。"
    ),
}


def _action(event: e.CaseActionDecided) -> Iterator[Told]:
    if event.refund_id:
        amount = money(event.amount_fen)
        yield Told(f"Refund {event.refund_id}: {amount.en} in all.", f"退费{event.refund_id}：共{amount.zh}。")
    for name in (event.scope, event.listing):
        if name is not None:
            told = word(name)
            yield Told(f"Concerns {told.en}.", f"涉及{told.zh}。")


def _refused(event: e.CaseActionRefused) -> Iterator[Told]:
    yield refusal(event.code, event.figures)


def _items(event: e.CaseRectificationRequired) -> Iterator[Told]:
    for item in event.items:
        yield Told(
            f"{item.item_id}: {item.demand}, by {item.due_on}.", f"{item.item_id}：{item.demand}，期限{item.due_on}。"
        )


def _announced(event: e.InspectionDrawAnnounced) -> Iterator[Told]:
    lot = event.input
    weights = figures(lot.weights)
    yield Told(
        f"District {lot.district}, {lot.period}: {lot.draws} of {len(lot.institutions)} institutions, "
        f"{lot.inspectors_each} inspectors each; points: {weights.en}.",
        f"{lot.district}，{lot.period}：{len(lot.institutions)}家机构抽{lot.draws}家，每家检查员{lot.inspectors_each}人；"
        f"权重：{weights.zh}。",
    )


def _drawn(event: e.InspectionDrawn) -> Iterator[Told]:
    for place, site in enumerate(event.sites, 1):
        names = ", ".join(site.inspectors)
        yield Told(
            f"{place}. Institution {site.institution_id}, inspectors {names}.",
            f"{place}. 机构{site.institution_id}，检查员{names}。",
        )


DETAILS: dict[type[e.Event], Teller] = {
    e.CaseActionDecided: _action,
    e.CaseActionRefused: _refused,
    e.CaseRectificationRequired: _items,
    e.InspectionDrawAnnounced: _announced,
    e.InspectionDrawn: _drawn,
}
