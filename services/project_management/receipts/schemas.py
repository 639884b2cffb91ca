"""What is shown of receipts."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class StatementRead(BaseModel):
    number: str
    sha256: str
    submitted_at: str


class ReceiptRead(BaseModel):
    """All that anybody may know of a paper."""

    kind: Literal[
        "receipt", "letter", "report", "review", "summary", "minutes", "task_book", "agreement", "evaluation"
    ] = Field(description="For a submission, about a decision, …")
    number: str
    sha256: str
    submitted_at: datetime = Field(description="When it was handed in, or issued")
    newest: bool = Field(description="No later version of the same has a paper")
    valid: bool = Field(description="What is stored has this hash today")
    statement: StatementRead = Field(description="What is signed, as canonical JSON: keys sorted, no blanks")


class SignedReceiptRead(ReceiptRead):
    key_id: str
    signature: str = Field(description="Ed25519 over the canonical JSON of `statement`, in base64")


class KeyRead(BaseModel):
    id: str
    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="32 bytes in base64")
    since: datetime


class KeyList(BaseModel):
    items: list[KeyRead]


class CheckRead(BaseModel):
    """What a file is: a paper sealed by this platform and unchanged, a snapshot that was kept, or neither."""

    sha256: str
    sealed: bool = Field(description="It carries the seal of a paper")
    genuine: bool = Field(description="The seal is by one of the published keys and fits every byte before it")
    receipts: list[ReceiptRead] = Field(description="The paper itself, and papers of content with the hash of the file")
