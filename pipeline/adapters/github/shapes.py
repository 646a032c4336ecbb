"""What GitHub's answers must look like before we believe a field of them."""

from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.domain.canonical import Plain
from pipeline.domain.github import Person
from pipeline.errors import ToolFailed

Name = Annotated[str, Field(max_length=1000)]
Text = Annotated[str, Field(max_length=1 << 20)]
MaybeText = Annotated[Text, BeforeValidator(lambda value: "" if value is None else value)]
"""GitHub writes null for a text that is empty."""

Number = Annotated[int, Field(ge=0, lt=1 << 63)]
Time = Annotated[AwareDatetime, Field(strict=False)]
_Read = TypeVar("_Read")


class Shape(BaseModel):
    """Fields that we do not use may be there; those that we use are of exactly their type."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class User(Shape):
    """An account."""

    login: Name
    id: Number

    def person(self) -> Person:
        return Person(self.login, self.id)


class OfRepository(Shape):
    """A repository as others name it."""

    full_name: Name


def read(shape: type[_Read], said: Plain, what: str) -> _Read:
    """The answer in that shape; raises ToolFailed with the place where it is none."""
    try:
        return TypeAdapter(shape).validate_python(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ToolFailed(
            f"GitHub answered with something else than {what}: {where}: {first['msg']}", hint="try again later"
        ) from None
