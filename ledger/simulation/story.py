"""The story: every day's steps in order, the same for the same seed, with what goes wrong written into it.

What goes wrong: an account loses money without an instruction and another falls below a raised minimum balance; a
bank sends one file twice; a bank forgets an agreed refund until the daily close finds it past due; and in the last days
an institution is about to run away with its families' money (卷款跑路): its owner changes, it sells below price, its
teachers leave, and families ask for refunds that nobody answers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from ledger.application.deposits import suspense_id_of
from ledger.bank.writing import Receipt as FileReceipt
from ledger.bank.writing import write_camt054
from ledger.simulation.city import BANKS, DISTRICTS, Institution, build_contracts, build_institutions
from ledger.simulation.plans import WEEK, Plan, Receipt, RefundPlan, first_lesson_day, pay_at_once, plan_contract
from ledger.simulation.steps import (
    ApiClient,
    BankFileUpload,
    DebitAndReport,
    Payout,
    Phase,
    Post,
    RaiseMinimum,
    ReportBalances,
    SettleAll,
    Step,
)

LEAST_INSTITUTIONS = 5
DAYS_A_MONTH = 30
REGULATOR = "regulator-city"
_EARLY_INSTITUTIONS = 5
_DEBIT_AT, _LATE_REFUND_AT, _MINIMUM_AT, _RUNAWAY_AT = 1, 2, 3, 4
"""Places of the institutions at which the scripted failures happen."""
_DEBIT_DAY, _MINIMUM_DAY, _USUAL_MINIMUM_DAY = 16, 17, 25
_DEBIT_SHARE_BP, _MINIMUM_SHARE_BP = 9_000, 12_000
_USUAL_MINIMUM_FEN = 50_000
_RUNAWAY_SIGNS: dict[int, tuple[str, int, int, str]] = {
    6: ("legal_person_changed", 0, 0, "企业登记变更"),
    4: ("promotion_spike", 4_000, 0, "广告巡查"),
    2: ("teachers_left", 1, 8, "现场走访"),
}
"""What is seen at the institution so many days before the end: kind, value, value before, by whom."""
_RUNAWAY_REFUNDS, _RUNAWAY_REFUNDS_BEFORE_END = 3, 3
_BATCH = 500
_MATCHED_AFTER, _RETURNED_AFTER, _ANSWERED_AFTER, _ORDERED_AFTER = 2, 3, 1, 4
_OFFERED_FEN, _ORDERED_FEN = 10_000, 25_000
FILE_BANK = BANKS[0]
"""The bank that sends its first days' receipts as camt.054 files, and that forgets a refund: its clerk has work."""
_FILES = 2


def bank_client(bank: str) -> str:
    """The id of a bank's client."""
    return f"bank-{bank.lower()}"


def institutions_client(district: str) -> str:
    """The id of the client that speaks for the institutions of a district."""
    return f"institutions-{district}"


def parents_client(district: str) -> str:
    """The id of the client through which families of a district ask for refunds."""
    return f"parents-{district}"


class Story:
    """`months` of 30 days from `start_on`, in a city of so many institutions."""

    def __init__(self, *, seed: int, institutions: int, months: int, start_on: date) -> None:
        if institutions < LEAST_INSTITUTIONS:
            raise ValueError(f"a story needs at least {LEAST_INSTITUTIONS} institutions")
        random = Random(seed)
        self.start_on = start_on
        self.days = months * DAYS_A_MONTH
        self.institutions = build_institutions(random, institutions, self.days // WEEK)
        self.plans = self._plans(random)
        self.late_refund = next(plan for plan in self.plans if plan.refund is not None and plan.refund.forgotten)
        self.debited = self.institutions[_DEBIT_AT]
        self.raised = self.institutions[_MINIMUM_AT]
        self.runaway = self.institutions[_RUNAWAY_AT]
        self._by_course: dict[str, list[Plan]] = defaultdict(list)
        self._receipts: dict[int, list[Receipt]] = defaultdict(list)
        for plan in self.plans:
            self._by_course[plan.contract.course.course_id].append(plan)
            for receipt in plan.receipts:
                self._receipts[receipt.day].append(receipt)
        self._plan_of = {plan.contract.contract_no: plan for plan in self.plans}
        self._files: list[BankFileUpload] = []

    def _plans(self, random: Random) -> list[Plan]:
        plans: list[Plan] = []
        places = {one.institution_id: place for place, one in enumerate(self.institutions)}
        lesson_days: dict[str, int] = {}
        scripted = False
        run_from = 0
        for contract in build_contracts(self.institutions):
            place = places[contract.institution.institution_id]
            course = contract.course
            if course.course_id not in lesson_days:
                early = place < _EARLY_INSTITUTIONS
                day = first_lesson_day(random, course.weekday, self.start_on.weekday(), early=early)
                lesson_days[course.course_id] = day
            plan = plan_contract(random, contract, lesson_days[course.course_id], last_day=self.days)
            if place in (_DEBIT_AT, _MINIMUM_AT):
                plan.refund = None
            if place == _LATE_REFUND_AT and not scripted:
                scripted = True
                pay_at_once(plan)
                plan.refund = RefundPlan(day=plan.signed_day + 1, course="agreed", forgotten=True)
            if place == _RUNAWAY_AT and run_from < _RUNAWAY_REFUNDS:
                run_from += 1
                pay_at_once(plan)
                plan.refund = RefundPlan(day=self.days - _RUNAWAY_REFUNDS_BEFORE_END, course="silent")
            plans.append(plan)
        return plans

    @property
    def repeated_file(self) -> BankFileUpload:
        """The file that a bank sends twice; known once its day is told."""
        return self._files[0]

    @property
    def clients(self) -> tuple[ApiClient, ...]:
        """The machine clients that play it."""
        by_district: dict[str, list[Institution]] = defaultdict(list)
        for institution in self.institutions:
            by_district[institution.district].append(institution)
        families: dict[str, list[str]] = defaultdict(list)
        for plan in self.plans:
            if plan.refund is not None:
                families[plan.contract.institution.district].append(plan.contract.family_id)
        return (
            ApiClient(client_id=REGULATOR, role="regulator", districts=("*",)),
            *(ApiClient(client_id=bank_client(bank), role="bank", bank=bank) for bank in BANKS),
            *(
                ApiClient(
                    client_id=institutions_client(district),
                    role="institution",
                    institutions=tuple(one.institution_id for one in by_district[district]),
                )
                for district in DISTRICTS
                if by_district[district]
            ),
            *(
                ApiClient(client_id=parents_client(district), role="parent", families=tuple(families[district]))
                for district in DISTRICTS
                if families[district]
            ),
        )

    def phases(self) -> Iterator[Phase]:
        """Every phase of every day. To be read once: what is paid and taught is remembered on the way."""
        for day in range(self.days):
            today = self.start_on + timedelta(days=day)
            for title, title_zh, steps in self._day(day, today):
                listed = tuple(steps)
                if listed:
                    yield Phase(day=today, title=title, title_zh=title_zh, steps=listed)

    def _day(self, day: int, today: date) -> Iterator[tuple[str, str, Iterable[Step]]]:
        if day == 0:
            yield "accounts opened", "开立账户", self._openings(today)
        yield "contracts signed", "签订合同", self._signings(day, today)
        yield "fees paid", "缴费", self._payments(day, today)
        yield "receipts explained", "核对待查款", self._suspense(day)
        yield "lessons taught", "授课", self._lessons(day, today)
        yield "refunds asked", "申请退费", self._requests(day)
        yield "refunds answered", "答复退费", self._answers(day)
        yield "something goes wrong", "发生异常", self._incidents(day)
        if day == _USUAL_MINIMUM_DAY:
            yield "minimum balances set", "设定最低余额", self._minimums()
        if day % DAYS_A_MONTH == DAYS_A_MONTH - 2:
            yield "payouts asked", "申请拨付", self._payouts()
        if day % WEEK == 0 or day % DAYS_A_MONTH == DAYS_A_MONTH - 2 or day == self.days - 1:
            yield "banks settle", "银行结算", self._settlements()
            yield "day closed", "日终", (self._close(today),)
        if day % DAYS_A_MONTH == DAYS_A_MONTH - 1:
            yield "statements reported", "银行对账", self._statements()

    def _openings(self, today: date) -> Iterator[Post]:
        for one in self.institutions:
            body = {
                "institution_id": one.institution_id,
                "bank": one.bank,
                "account_no": one.account_no,
                "district": one.district,
                "authorities": [one.district],
                "opened_on": today.isoformat(),
            }
            keeps = {"account_id": f"account:{one.institution_id}"}
            yield Post(client=REGULATOR, path="/v1/accounts", body=body, keeps=keeps)

    def _signings(self, day: int, today: date) -> Iterator[Post]:
        ends_on = self.start_on + timedelta(days=2 * self.days + 365)
        for plan in self.plans:
            if plan.signed_day != day:
                continue
            contract, course = plan.contract, plan.contract.course
            body = {
                "account_id": f"@account:{contract.institution.institution_id}",
                "contract_no": contract.contract_no,
                "family_id": contract.family_id,
                "student_id": contract.student_id,
                "course_id": course.course_id,
                "subject": course.subject,
                "category": course.category,
                "starts_on": today.isoformat(),
                "ends_on": ends_on.isoformat(),
                "lesson_minutes": 45,
                "signed_on": today.isoformat(),
                "packages": [
                    {
                        "price_fen": contract.price_fen,
                        "paid_lessons": course.lessons,
                        "gift_lessons": course.gift_lessons,
                        "list_price_fen": contract.price_fen,
                    }
                ],
            }
            keeps = {"contract_id": f"contract:{contract.contract_no}"}
            client = institutions_client(contract.institution.district)
            yield Post(client=client, path="/v1/contracts", body=body, keeps=keeps)

    def _payments(self, day: int, today: date) -> Iterator[Step]:
        by_bank: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in self._receipts[day]:
            by_bank[receipt.contract.institution.bank].append(receipt)
            plan = self._plan_of[receipt.contract.contract_no]
            if receipt.named:
                plan.paid_fen = min(plan.paid_fen + receipt.amount_fen, receipt.contract.price_fen)
        if len(self._files) == 1:
            first = self._files[0]
            self._files.append(first)
            yield BankFileUpload(
                client=first.client, name=first.name, content=first.content, accepted=0, replayed=first.accepted
            )
        for bank, receipts in sorted(by_bank.items()):
            if bank == FILE_BANK and len(self._files) < _FILES:
                upload = _bank_file(bank, receipts, today)
                self._files.append(upload)
                yield upload
                continue
            for start in range(0, len(receipts), _BATCH):
                items = [_deposit(receipt, today) for receipt in receipts[start : start + _BATCH]]
                yield Post(client=bank_client(bank), path="/v1/deposits/batch", body={"items": items})

    def _suspense(self, day: int) -> Iterator[Post]:
        for receipt in self._receipts[day - _MATCHED_AFTER]:
            if not receipt.named:
                plan = self._plan_of[receipt.contract.contract_no]
                plan.paid_fen = receipt.amount_fen
                body = {
                    "contract_id": f"@contract:{receipt.contract.contract_no}",
                    "amount_fen": receipt.amount_fen,
                    "reason": "家长出示了缴费凭证",
                }
                yield _about_suspense(receipt, "match", body)
        for receipt in self._receipts[day - _RETURNED_AFTER]:
            if receipt.amount_fen > receipt.contract.price_fen:
                yield _about_suspense(receipt, "return", {"reason": "缴费超过合同价"})

    def _lessons(self, day: int, today: date) -> Iterator[Post]:
        for institution in self.institutions:
            for course in institution.courses:
                plans = self._by_course[course.course_id]
                first = plans[0].first_lesson_day
                if day < first or (day - first) % WEEK:
                    continue
                present = [plan for plan in plans if plan.takes_lesson(day)]
                if not present:
                    continue
                for plan in present:
                    plan.drawn += 1
                body = {
                    "account_id": f"@account:{institution.institution_id}",
                    "course_id": course.course_id,
                    "taught_on": today.isoformat(),
                    "minutes": 45,
                    "lesson_id": f"{course.course_id}-{today.isoformat()}",
                    "contracts": [f"@contract:{plan.contract.contract_no}" for plan in present],
                }
                yield Post(client=institutions_client(institution.district), path="/v1/lessons", body=body)

    def _requests(self, day: int) -> Iterator[Post]:
        for plan in self.plans:
            if plan.refund is not None and plan.refund.day == day:
                number = plan.contract.contract_no
                body = {"contract_id": f"@contract:{number}", "reason": "搬家，不再上课"}
                client = parents_client(plan.contract.institution.district)
                yield Post(client=client, path="/v1/refunds", body=body, keeps={"refund_id": f"refund:{number}"})

    def _answers(self, day: int) -> Iterator[Post]:
        for plan in self.plans:
            if plan.refund is None or plan.refund.course == "silent":
                continue
            path = f"/v1/refunds/@refund:{plan.contract.contract_no}"
            agree = plan.refund.course == "agreed"
            if day == plan.refund.day + _ANSWERED_AFTER:
                refusal = {"agree": False, "offered_fen": _OFFERED_FEN, "reason": "已发放教材"}
                body = {"agree": True} if agree else refusal
                client = institutions_client(plan.contract.institution.district)
                yield Post(client=client, path=f"{path}/answer", body=body)
            if day == plan.refund.day + _ORDERED_AFTER and not agree:
                body = {"amount_fen": _ORDERED_FEN, "reason": "教材发放无凭证"}
                yield Post(client=REGULATOR, path=f"{path}/order", body=body)

    def _incidents(self, day: int) -> Iterator[Step]:
        if day == _DEBIT_DAY:
            one = self.debited
            yield DebitAndReport(
                client=bank_client(one.bank),
                bank=one.bank,
                account=f"@account:{one.institution_id}",
                account_no=one.account_no,
                bank_reference=f"{one.bank}-SEIZURE-1",
                share_bp=_DEBIT_SHARE_BP,
            )
        if day == _MINIMUM_DAY:
            account = f"@account:{self.raised.institution_id}"
            yield RaiseMinimum(client=REGULATOR, account=account, share_bp=_MINIMUM_SHARE_BP)
        if self.days - day in _RUNAWAY_SIGNS:
            kind, value, before, source = _RUNAWAY_SIGNS[self.days - day]
            path = f"/v1/accounts/@account:{self.runaway.institution_id}/institution-facts"
            body = {"kind": kind, "value": value, "before": before, "source": source}
            yield Post(client=REGULATOR, path=path, body=body)

    def _minimums(self) -> Iterator[Post]:
        for one in self.institutions:
            if one not in (self.debited, self.raised):
                path = f"/v1/accounts/@account:{one.institution_id}/minimum-balance"
                body = {"amount_fen": _USUAL_MINIMUM_FEN, "reason": "按机构规模"}
                yield Post(client=REGULATOR, path=path, body=body)

    def _payouts(self) -> Iterator[Payout]:
        for one in self.institutions:
            yield Payout(client=institutions_client(one.district), account=f"@account:{one.institution_id}")

    def _settlements(self) -> Iterator[SettleAll]:
        forgotten = (f"@refund:{self.late_refund.contract.contract_no}",)
        for bank in BANKS:
            yield SettleAll(client=bank_client(bank), bank=bank, forgotten_refunds=forgotten)

    def _close(self, today: date) -> Post:
        return Post(client=REGULATOR, path="/v1/close-day", body={"close_on": today.isoformat()})

    def _statements(self) -> Iterator[ReportBalances]:
        for bank in BANKS:
            yield ReportBalances(client=bank_client(bank), bank=bank)


def _deposit(receipt: Receipt, today: date) -> dict[str, object]:
    item: dict[str, object] = {
        "bank_reference": receipt.reference,
        "amount_fen": receipt.amount_fen,
        "value_on": today.isoformat(),
        "account_no": receipt.contract.institution.account_no,
        "payer_route": f"route-{receipt.contract.family_id}",
    }
    return item | ({"contract_reference": receipt.contract.contract_no} if receipt.named else {})


def _about_suspense(receipt: Receipt, what: str, body: Mapping[str, object]) -> Post:
    institution = receipt.contract.institution
    suspense_id = suspense_id_of(institution.bank, receipt.reference)
    return Post(
        client=institutions_client(institution.district),
        path=f"/v1/suspense/{suspense_id}/{what}",
        body={"account_id": f"@account:{institution.institution_id}", **body},
    )


def _bank_file(bank: str, receipts: list[Receipt], today: date) -> BankFileUpload:
    content = write_camt054(
        (
            FileReceipt(
                bank_reference=receipt.reference,
                account_no=receipt.contract.institution.account_no,
                amount_fen=receipt.amount_fen,
                booked_on=today,
                contract_reference=receipt.contract.contract_no if receipt.named else None,
                remittance="" if receipt.named else "tuition",
                payer_account=receipt.contract.payer_account,
            )
            for receipt in receipts
        ),
        message_id=f"{bank}-{today.isoformat()}",
        created_at=datetime.combine(today, time(10), UTC),
    )
    name = f"{bank}-{today.isoformat()}.xml"
    return BankFileUpload(client=bank_client(bank), name=name, content=content, accepted=len(receipts), replayed=0)
