"""Refuses what did not come through the gate, for views of Django REST framework."""

from dataclasses import dataclass
from typing import ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .seal import InvalidSeal, Verifier


@dataclass(frozen=True)
class Sender:
    """The calling server, as DRF's permissions and throttles see it. It is no user of the site."""

    id: str
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True
    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False

    @property
    def pk(self) -> str:
        """The id, under the name by which throttles tell callers apart."""
        return self.id

    def __str__(self) -> str:
        return self.id

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return False: permissions of the site are given to its users."""
        return False

    def has_perms(self, perm_list: object, obj: object = None) -> bool:
        """Return False, as `has_perm` does."""
        return False


class SealAuthentication(BaseAuthentication):
    """Sets `request.auth` to the id of the sender that the gate verified, `request.user` to it
    as a `Sender`, and answers 401 where the seal does not hold."""

    def authenticate(self, request: Request) -> tuple[Sender, str]:
        try:
            sender = Verifier.from_settings().verify(request)
        except InvalidSeal as error:
            raise AuthenticationFailed(str(error)) from None
        return Sender(sender), sender

    def authenticate_header(self, request: Request) -> str:
        return f'Countersign scheme="{Verifier.from_settings().scheme}"'
