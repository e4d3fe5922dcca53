"""The city: institutions with their banks, courses with their prices, and the families that sign contracts."""

from random import Random

import msgspec

BANKS = ("ICBK", "CCBK", "BCOM")
DISTRICTS = ("310101", "310104", "310105", "310106", "310107", "310109", "310110", "310112")
_SUBJECTS = (
    ("piano", "arts", 18_000),
    ("dance", "arts", 12_000),
    ("painting", "arts", 11_000),
    ("chess", "other", 9_000),
    ("football", "sports", 10_000),
    ("swimming", "sports", 14_000),
    ("robotics", "technology", 16_000),
    ("programming", "technology", 15_000),
)
_SMALLEST_CLASS, _LARGEST_CLASS = 4, 30
_USUAL_CLASS = 9


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A class that meets once a week; `lesson_price_fen` is what one lesson costs."""

    course_id: str
    subject: str
    category: str
    weekday: int
    students: int
    lesson_price_fen: int
    lessons: int
    gift_lessons: int


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """An institution with one supervised account."""

    institution_id: str
    bank: str
    account_no: str
    district: str
    courses: tuple[Course, ...]


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """A family's contract for one course, as agreed; the ledger gives it its id."""

    contract_no: str
    family_id: str
    student_id: str
    institution: Institution
    course: Course

    @property
    def price_fen(self) -> int:
        """The price of its one package."""
        return self.course.lesson_price_fen * self.course.lessons

    @property
    def payer_account(self) -> str:
        """The made-up number of the account that pays, by which its bank knows where a refund goes."""
        return f"62170{self.family_id[-7:]:0>14}"


def build_institutions(random: Random, count: int, weeks: int) -> tuple[Institution, ...]:
    """So many institutions; a course has more lessons than there are weeks, so that something is always unconsumed."""
    return tuple(_institution(random, number, weeks) for number in range(1, count + 1))


def _institution(random: Random, number: int, weeks: int) -> Institution:
    institution_id = f"inst-{number:04}"
    return Institution(
        institution_id=institution_id,
        bank=BANKS[number % len(BANKS)],
        account_no=f"{1109_1400_0000_0000 + number}",
        district=DISTRICTS[number % len(DISTRICTS)],
        courses=tuple(_course(random, institution_id, place, weeks) for place in range(1, random.choice((2, 3, 3)))),
    )


def _course(random: Random, institution_id: str, place: int, weeks: int) -> Course:
    subject, category, price_fen = random.choice(_SUBJECTS)
    size = round(random.gauss(_USUAL_CLASS, 5))
    return Course(
        course_id=f"{institution_id}-{subject}-{place}",
        subject=subject,
        category=category,
        weekday=random.randrange(7),
        students=max(_SMALLEST_CLASS, min(_LARGEST_CLASS, size)),
        lesson_price_fen=price_fen + 100 * random.randrange(-20, 60),
        lessons=weeks + random.randrange(4, 30),
        gift_lessons=random.choice((0, 0, 0, 2)),
    )


def build_contracts(institutions: tuple[Institution, ...]) -> tuple[Contract, ...]:
    """One contract for each place in each class, numbered through the city."""
    contracts: list[Contract] = []
    for institution in institutions:
        for course in institution.courses:
            for _ in range(course.students):
                number = len(contracts) + 1
                contracts.append(
                    Contract(
                        contract_no=f"HT-{number:07}",
                        family_id=f"family-{number:07}",
                        student_id=f"student-{number:07}",
                        institution=institution,
                        course=course,
                    )
                )
    return tuple(contracts)
