"""People: who enters them, how an ORCID iD is checked, and when a change of employer makes sense."""

from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_
from shared.kernel.policy import own, roles, signed_in
from shared.kernel.types import Role

READ = signed_in("people.read")
REGISTER = own("people.register", Role.REPRESENTATIVE, supervisors=(Role.COORDINATOR, Role.ADMINISTRATOR))
VOUCH = roles("people.vouch", Role.COORDINATOR, Role.ADMINISTRATOR)
"""Who may link a person to a sign-in and put them among the experts: both decide who judges whose work."""
IMPORT = roles("people.import", Role.COORDINATOR, Role.ADMINISTRATOR)

MAX_REVIEW_CAP = 50


class AffiliationNotPossible(Conflict):
    title = N_("The person's present affiliation does not allow this")


def orcid(text: str) -> str:
    """An ORCID iD in its canonical form 0000-0002-1825-0097, check character verified (ISO 7064 MOD 11-2).

    Raises ValueError saying what is wrong.
    """
    digits = text.strip().removeprefix("https://orcid.org/").removeprefix("http://orcid.org/")
    digits = digits.replace("-", "").replace(" ", "").upper()
    if len(digits) != 16 or not digits.isascii() or not digits[:15].isdigit():
        raise ValueError("an ORCID iD has 16 characters, such as 0000-0002-1825-0097")
    try:
        mod_11_2.validate(digits)
    except ValidationError:
        raise ValueError("the check character of the ORCID iD does not fit: copy it again") from None
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def fits_expert(expert: bool, review_cap: int) -> None:
    """An expert takes at least one review a call, others none. Raises ValueError."""
    if expert and review_cap < 1:
        raise ValueError("say how many reviews a call the expert takes at most: 1 or more")
    if not expert and review_cap:
        raise ValueError("only an expert has a cap of reviews: tick expert, or leave the cap empty")


def affiliation_start(since: date, previous: date | None, today: date) -> date:
    """The first day of a new affiliation. Raises ValueError when it lies ahead or before the present one began."""
    if since > today:
        raise ValueError("Enter the change when it has happened, not before.")
    if previous is not None and since < previous:
        raise ValueError("The new affiliation cannot begin before the present one did.")
    return since
