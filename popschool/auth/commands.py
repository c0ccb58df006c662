"""`popschool people invite`: the first manager, and anybody locked out."""

import click
from sqlalchemy import select

from popschool import clock
from popschool.auth import services, services_invitations, services_passkeys, services_signing
from popschool.auth.rules import NETWORK_ROLES, Role
from popschool.auth.rules_signing import MAIL, Channel, HandleUnreadable, read_handle
from popschool.db import db, transaction
from popschool.schools import people as persons
from popschool.schools.models import School


@click.command("invite")
@click.argument("address")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role if role is not Role.LEARNER]))
@click.option("--school", "code", default="", help="The code of the school, such as VAL.")
@click.option("--without-second-code", is_flag=True, help="Also stop asking them for a second code, when it is lost.")
def invite(address: str, role: str, code: str, without_second_code: bool) -> None:
    """Give ADDRESS a role, and print a link to come in. Run it again for somebody who is locked out."""
    now, wanted = clock.now(), Role(role)
    school = db.session.scalars(select(School).where(School.code == code.upper())).first() if code else None
    if code and school is None:
        raise click.ClickException(f"there is no school {code}")
    if school is None and wanted not in NETWORK_ROLES:
        raise click.ClickException(f"the role {role} is held at a school: add --school CODE")
    try:
        handle = read_handle(address)
    except HandleUnreadable as unreadable:
        raise click.ClickException(f"{address} is not a mail address") from unreadable
    if handle.kind != MAIL:
        raise click.ClickException(f"{address} is not a mail address")
    school_id = school.id if school else None
    with transaction():
        person = services.person_at(handle)
        if person is None:
            person = persons.new_person(handle.value.partition("@")[0][:80], "", now=now, mail=handle.value)
        services.grant_role(person, wanted, school_id, now=now)
        account = services_signing.read_account(person.id)
        if without_second_code and account is not None:
            services_passkeys.stop_second(account, None, now)
        issued = services_invitations.invite(person, Channel.LINK, by_id=None, now=now, school_id=school_id)
    click.echo(issued.link)
