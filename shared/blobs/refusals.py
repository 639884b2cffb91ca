"""Why a file is not taken. Each says what is wrong with it and what its owner can do."""

from shared.kernel.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable, UnsupportedFile


class FileTooLarge(TooLarge):
    """More bytes than the platform takes in one file."""

    @classmethod
    def over(cls, limit: int) -> "FileTooLarge":
        shown = f"{limit / 2**20:.0f} MB" if limit >= 2**20 else f"{limit:,} bytes"
        return cls(f"The file is larger than {shown}. Make it smaller or split it, then upload it again.", limit=limit)


class FileEmpty(Invalid):
    title = "The file is empty"


class FileKindRefused(UnsupportedFile):
    """A kind that is not on the list, or hidden behind another kind's name."""


class FileMismatch(UnsupportedFile):
    """Name, declared type and content do not agree."""

    title = "The file is not what its name says"


class FileEncrypted(Invalid):
    """Nobody can check what cannot be read."""

    title = "The file is locked with a password"


class FileInfected(Invalid):
    title = "A virus was found in the file"


class FileActive(Invalid):
    """It would run something on the reader's machine."""

    title = "The file contains a program"


class ArchiveRefused(Invalid):
    """An archive that unpacks to too much, or elsewhere than it should."""

    title = "The archive cannot be accepted"


class FileDamaged(Invalid):
    title = "The file is damaged"


class UploadBroken(Invalid):
    """The request is not a complete form with a file."""

    title = "The upload is not complete"


class UploadExpired(Conflict):
    title = "The upload took too long"


class ScannerUnavailable(Unavailable):
    title = "The virus scanner does not answer"


class StoreUnavailable(Unavailable):
    title = "The document store does not answer"


class BlobMissing(Unavailable):
    """The row says that there is a file; the store has none. Only the operator can help."""

    title = "The stored file is missing"
    retryable = False


class NoSuchDocument(NotFound):
    @classmethod
    def here(cls) -> "NoSuchDocument":
        return cls("There is no document here that you may see.")


class DocumentNotClean(Conflict):
    title = "The document has not passed its checks"


class DocumentTaken(Conflict):
    title = "The document already belongs to something else"
