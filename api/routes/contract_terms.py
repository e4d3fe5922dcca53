"""What contracts are made of in bodies: packages, and the fields that a new and an amended contract share."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from api.fields import Body, ContractReference, Fen, FenOrZero, Name, OptionalText
from ledger.domain.events import AmendedPackage, AmendedTerms, Category

Lessons = Annotated[int, Meta(ge=0, le=100_000, examples=[32])]
LessonMinutes = Annotated[int, Meta(ge=1, le=1440, examples=[45])]
DocumentDigest = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?(?!\n)$", examples=[""])]


class PackageTerms(Body, frozen=True, kw_only=True):
    """One charge of the contract: what is paid for how many lessons, and how many are given on top."""

    price_fen: Fen
    list_price_fen: Fen
    paid_lessons: Annotated[int, Meta(ge=1, le=100_000, examples=[32])]
    gift_lessons: Lessons = 0
    time_card: bool = False


class AmendedPackageTerms(PackageTerms, frozen=True, kw_only=True):
    """A package of the new contract. Of its price, `carried_fen` is all that package `from_package` has left now."""

    from_package: Annotated[int, Meta(ge=0, le=100, description="0: nothing is carried over.", examples=[1])] = 0
    carried_fen: FenOrZero = 0


class ProposedTerms(Body, frozen=True, kw_only=True):
    """The contract that takes the place of another one; who it is for stays."""

    contract_no: ContractReference
    course_id: Name
    subject: Name
    category: Category
    starts_on: date
    ends_on: date
    lesson_minutes: LessonMinutes
    packages: Annotated[tuple[AmendedPackageTerms, ...], Meta(min_length=1, max_length=100)]
    model_version: OptionalText = ""
    document_sha256: DocumentDigest = ""

    def amended(self, contract_id: str) -> AmendedTerms:
        return AmendedTerms(
            contract_id=contract_id,
            contract_no=self.contract_no,
            course_id=self.course_id,
            subject=self.subject,
            category=self.category,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            lesson_minutes=self.lesson_minutes,
            packages=tuple(
                AmendedPackage(
                    number=number,
                    price_fen=package.price_fen,
                    paid_lessons=package.paid_lessons,
                    gift_lessons=package.gift_lessons,
                    list_price_fen=package.list_price_fen,
                    time_card=package.time_card,
                    from_package=package.from_package,
                    carried_fen=package.carried_fen,
                )
                for number, package in enumerate(self.packages, 1)
            ),
            model_version=self.model_version,
            document_sha256=self.document_sha256,
        )
