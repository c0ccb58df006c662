"""`popschool people invite`: the first manager, and anybody locked out."""

import click
from sqlalchemy import select

from popschool import clock
from popschool.auth import services, services_invitations
from popschool.auth.models import RoleGrant
from popschool.auth.rules import NETWORK_ROLES, Role
from popschool.auth.rules_signing import Channel
from popschool.db import db, transaction
from popschool.schools import people as persons
from popschool.schools.models import Person, School
from popschool.schools.rules import normalise_mail


@click.command("invite")
@click.argument("address")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role if role is not Role.LEARNER]))
@click.option("--school", "code", default="", help="The code of the school, such as VAL.")
def invite(address: str, role: str, code: str) -> None:
    """Give ADDRESS a role, and print a link to come in."""
    now, wanted = clock.now(), Role(role)
    school = db.session.scalars(select(School).where(School.code == code.upper())).first() if code else None
    if code and school is None:
        raise click.ClickException(f"there is no school {code}")
    if school is None and wanted not in NETWORK_ROLES:
        raise click.ClickException(f"the role {role} is held at a school: add --school CODE")
    if "@" not in address:
        raise click.ClickException(f"{address} is not a mail address")
    with transaction():
        person = db.session.scalars(select(Person).where(Person.mail == normalise_mail(address))).first()
        if person is None:
            person = persons.new_person(address.split("@", maxsplit=1)[0], "", now=now, mail=address)
        held = {(grant.role, grant.school_id) for grant in services.read_grants(person.id)}
        school_id = school.id if school else None
        if (str(wanted), school_id) not in held:
            db.session.add(RoleGrant(person_id=person.id, school_id=school_id, role=wanted, granted_at=now))
    issued = services_invitations.invite(person, Channel.MAIL, by_id=None, now=now, school_id=school_id)
    click.echo(issued.link or "an invitation has just been sent")
