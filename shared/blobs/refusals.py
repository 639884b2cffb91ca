"""Why a file is not taken. Each says what is wrong with it and what its owner can do."""

from shared.kernel.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable, UnsupportedFile
from shared.kernel.marks import N_, S_


class FileTooLarge(TooLarge):
    """More bytes than the platform takes in one file."""

    @classmethod
    def over(cls, limit: int) -> "FileTooLarge":
        shown = f"{limit / 2**20:.0f} MB" if limit >= 2**20 else f"{limit:,} bytes"
        sentence = S_(
            "The file is larger than %(limit)s. Make it smaller or split it, then upload it again.", limit=shown
        )
        return cls(sentence, limit=limit)


class FileEmpty(Invalid):
    title = N_("The file is empty")


class FileKindRefused(UnsupportedFile):
    """A kind that is not on the list, or hidden behind another kind's name."""


class FileMismatch(UnsupportedFile):
    """Name, declared type and content do not agree."""

    title = N_("The file is not what its name says")


class FileEncrypted(Invalid):
    """Nobody can check what cannot be read."""

    title = N_("The file is locked with a password")


class FileInfected(Invalid):
    title = N_("A virus was found in the file")


class FileActive(Invalid):
    """It would run something on the reader's machine."""

    title = N_("The file contains a program")


class ArchiveRefused(Invalid):
    """An archive that unpacks to too much, or elsewhere than it should."""

    title = N_("The archive cannot be accepted")


class FileDamaged(Invalid):
    title = N_("The file is damaged")


class UploadBroken(Invalid):
    """The request is not a complete form with a file."""

    title = N_("The upload is not complete")


class UploadExpired(Conflict):
    title = N_("The upload took too long")


class ScannerUnavailable(Unavailable):
    title = N_("The virus scanner does not answer")


class StoreUnavailable(Unavailable):
    title = N_("The document store does not answer")


class BlobMissing(Unavailable):
    """The row says that there is a file; the store has none. Only the operator can help."""

    title = N_("The stored file is missing")
    retryable = False


class NoSuchDocument(NotFound):
    @classmethod
    def here(cls) -> "NoSuchDocument":
        return cls(N_("There is no document here that you may see."))


class DocumentNotClean(Conflict):
    title = N_("The document has not passed its checks")


class DocumentTaken(Conflict):
    title = N_("The document already belongs to something else")
