"""The audit log: the words for what was done to accounts and by admins, and how its entries are shown."""

import msgspec

from cryptex.protocol.terms import Term


class AuditAct(Term):
    """What was done. Words are added, never renamed: they are in logs for ever."""

    USER_REGISTERED = "user_registered"
    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    SESSION_REVOKED = "session_revoked"
    SESSIONS_ENDED = "sessions_ended"
    REAUTHENTICATED = "reauthenticated"
    REAUTHENTICATION_FAILED = "reauthentication_failed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a word, no password)
    PASSWORD_CHANGE_FAILED = "password_change_failed"  # noqa: S105
    SECOND_FACTOR_ENABLED = "second_factor_enabled"
    SECOND_FACTOR_DISABLED = "second_factor_disabled"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    API_KEY_CREATED = "api_key_created"
    API_KEY_REVOKED = "api_key_revoked"
    ADDRESS_ALLOWED = "address_allowed"
    ADDRESS_REMOVED = "address_removed"
    ALLOW_LIST_ENABLED = "allow_list_enabled"
    ALLOW_LIST_DISABLED = "allow_list_disabled"
    WITHDRAWAL_LIMIT_CHANGED = "withdrawal_limit_changed"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWAL_APPROVED = "withdrawal_approved"
    WITHDRAWAL_REJECTED = "withdrawal_rejected"
    WITHDRAWAL_CANCELED = "withdrawal_canceled"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ADMIN_REFUSED = "admin_refused"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    USER_SESSIONS_ENDED = "user_sessions_ended"
    MARKET_HALTED = "market_halted"
    MARKET_OPENED = "market_opened"
    AUCTION_BEGUN = "auction_begun"
    BACKUP_MADE = "backup_made"
    BACKUP_RESTORED = "backup_restored"
    REKEYED = "rekeyed"
    IDS_RESERVED = "ids_reserved"
    IDS_SET_ASIDE = "ids_set_aside"


class AuditEntryView(msgspec.Struct, frozen=True):
    """An entry. `actor` is a user's id, 0 for who has the node's machine, null for somebody who is not logged in."""

    sequence: int
    time: str
    actor: int | None
    username: str | None
    act: str
    subject: str
    address: str
    details: dict[str, str | int]
    hash: str


class AuditHead(msgspec.Struct, frozen=True):
    """The end of the log: keep it elsewhere, and it proves later that nothing before it was changed or cut off."""

    sequence: int
    hash: str


class AuditList(msgspec.Struct, frozen=True):
    """Entries, newest first, and the end of the whole log. `next` is the `before` of the page after this one."""

    entries: list[AuditEntryView]
    head: AuditHead
    next: int | None = None
