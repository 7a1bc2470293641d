"""Users and roles with their policies, as moto's IAM and STS keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from glueprint.iam.conditions import Context
from glueprint.iam.documents import Policy, parse
from glueprint.iam.evaluation import BOUNDARY, SESSION


@dataclass(frozen=True)
class Principal:
    """Who makes a call.

    Attributes:
        arn: for messages.
        policies: identity-based ones.
        limits: a permissions boundary or a session policy, by type.
        context: condition keys of the principal.
    """

    arn: str
    policies: tuple[Policy, ...]
    limits: Mapping[str, Policy] = field(default_factory=dict)
    context: Context = field(default_factory=dict)


class Principals:
    """Reads moto's IAM of one account. moto is imported here, and must have restored its state before."""

    def __init__(self, account_id: str) -> None:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        self._account_id = account_id
        self._iam = iam_backends[account_id]["aws"]
        self._sts = sts_backends[account_id]["aws"]

    def of_access_key(self, access_key: str) -> Principal | None:
        """Return the user or the session of a role that signs with a key; None if there is none.

        Raises:
            PolicyError: a policy of it cannot be evaluated.
        """
        session = self._sts.get_assumed_role_from_access_key(access_key)
        if session is not None:
            role = session.role_arn.rpartition("/")[2]
            limits = {SESSION: _parsed("session policy", session.policy)} if session.policy else {}
            return self.of_role(session.role_arn, session.session_name, limits) or Principal(
                self._session_arn(role, session.session_name), ()
            )
        for user in self._iam.users.values():
            if any(key.access_key_id == access_key for key in user.access_keys):
                return self._of_user(user)
        return None

    def of_role(
        self, role: str, session_name: str, limits: Mapping[str, Policy] | None = None
    ) -> Principal | None:
        """Return a session of a role, given by name or ARN; None if there is no such role.

        Raises:
            PolicyError: a policy of it cannot be evaluated.
        """
        found = self._role(role)
        if found is None:
            return None
        all_limits = {**(limits or {}), **self._boundary(found.permissions_boundary_arn)}
        context = self._context("AssumedRole", found.arn, f"{found.id}:{session_name}")
        return Principal(self._session_arn(found.name, session_name), _policies([found]), all_limits, context)

    def trust_policy(self, role: str) -> Policy | None:
        """Return a role's trust policy; None if there is no such role.

        Raises:
            PolicyError: it cannot be evaluated.
        """
        found = self._role(role)
        if found is None:
            return None
        return parse(found.assume_role_policy_document, f"the trust policy of role {found.name}", is_trust=True)

    def role_arn(self, role: str) -> str | None:
        """Return the ARN of a role that is given by name or ARN; None if there is no such role."""
        found = self._role(role)
        return None if found is None else str(found.arn)

    def _role(self, role: str) -> Any:
        name = role.rpartition("/")[2]
        return next((one for one in self._iam.roles.values() if one.arn == role or one.name == name), None)

    def _of_user(self, user: Any) -> Principal:
        groups = [group for group in self._iam.groups.values() if user in group.users]
        boundary = getattr(user, "permissions_boundary_arn", None)
        context = self._context("User", user.arn, user.id) | {"aws:username": (user.name,)}
        return Principal(user.arn, _policies([user, *groups]), self._boundary(boundary), context)

    def _boundary(self, arn: str | None) -> dict[str, Policy]:
        if not arn:
            return {}
        policy = self._iam.managed_policies.get(arn)
        document = policy.document if policy is not None else '{"Statement": []}'
        return {BOUNDARY: _parsed(f"permissions boundary {arn}", document)}

    def _session_arn(self, role: str, session_name: str) -> str:
        return f"arn:aws:sts::{self._account_id}:assumed-role/{role}/{session_name}"

    def _context(self, kind: str, arn: str, user_id: str) -> dict[str, tuple[str, ...]]:
        return {
            "aws:principalarn": (arn,),
            "aws:principalaccount": (self._account_id,),
            "aws:principaltype": (kind,),
            "aws:userid": (user_id,),
        }


def _policies(holders: Iterable[Any]) -> tuple[Policy, ...]:
    """Return the inline and attached policies of users, groups and roles."""
    found: list[Policy] = []
    for holder in holders:
        found += [_parsed(f"policy {name} of {holder.name}", text) for name, text in holder.policies.items()]
        found += [_parsed(f"policy {one.name}", one.document) for one in holder.managed_policies.values()]
    return tuple(found)


@lru_cache(maxsize=512)
def _parsed(name: str, document: str) -> Policy:
    return parse(document, name)
