"""What error pages say: what happened, why, and what to do."""

from dataclasses import dataclass

from shared.web.i18n import N_, Lazy, lazy


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """The three sentences of an error page."""

    title: Lazy
    why: Lazy
    advice: Lazy


WORDS: dict[int, ErrorWords] = {
    400: ErrorWords(
        lazy("The request cannot be carried out"),
        lazy("Something in it could not be understood."),
        lazy("Go back, check what you entered and send it again."),
    ),
    401: ErrorWords(
        lazy("Sign in first"),
        lazy("This page is for people who are signed in, or your session has ended."),
        lazy("Sign in; you will come back here."),
    ),
    403: ErrorWords(
        lazy("Your roles do not allow this"),
        lazy("The organisation you act for has not been given the role that this needs."),
        lazy("Switch to another organisation at the top right, or ask your administrator to grant the role."),
    ),
    404: ErrorWords(
        lazy("Not found"),
        lazy("There is nothing at this address, or nothing that you may see."),
        lazy("Check the address, use the search box, or begin again from the menu."),
    ),
    405: ErrorWords(
        lazy("This address only takes forms"),
        lazy("It was opened like a page, but it is the place a form is sent to."),
        lazy("Go back to the form and send it from there."),
    ),
    409: ErrorWords(
        lazy("The present state does not allow this"),
        lazy("Something has changed since the page was drawn, or another step comes first."),
        lazy("Go back, reload the page and see what can be done now."),
    ),
    412: ErrorWords(
        lazy("Somebody else has changed this meanwhile"),
        lazy("What you saw is no longer what is stored. Nothing was overwritten."),
        lazy("Reload the page, look at the change and make yours again."),
    ),
    413: ErrorWords(
        lazy("Too large"),
        lazy("What you sent is larger than the platform accepts."),
        lazy("Make the file smaller or split it, and send it again."),
    ),
    415: ErrorWords(
        lazy("This kind of file is not accepted"),
        lazy("The file's content does not match one of the accepted kinds."),
        lazy("See at the form which kinds are accepted, save the file as one of them and send it again."),
    ),
    422: ErrorWords(
        lazy("Some entries need correcting"),
        lazy("One or more entries cannot be accepted as they are."),
        lazy("Go back, correct them and send the form again."),
    ),
    428: ErrorWords(
        lazy("Say which version you are changing"),
        lazy("The form did not say which version it was made from, so it could overwrite somebody's work."),
        lazy("Reload the page and send the form again."),
    ),
    429: ErrorWords(
        lazy("Too many requests"),
        lazy("This came more often than the platform allows."),
        lazy("Wait a minute, then try again."),
    ),
    500: ErrorWords(
        lazy("Something went wrong on our side"),
        lazy("The fault has been recorded. Nothing of what you sent was half saved."),
        lazy("Try again in a moment. If it happens again, tell the operators the trace number."),
    ),
    503: ErrorWords(
        lazy("A part of the platform does not answer"),
        lazy("It is starting, being repaired, or out of reach for the moment."),
        lazy("Wait a minute and try again. A form that is sent twice counts only once."),
    ),
}

CROSS_SITE = N_("The request was not sent from a page of the platform. Open the page here and send it again.")


def error_words(status: int) -> ErrorWords:
    """The words for a status; those of its class when it has none of its own."""
    return WORDS.get(status) or WORDS[500 if status >= 500 else 400]
