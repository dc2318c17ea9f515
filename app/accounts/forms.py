"""Forms of accounts (账号表单): the shape of what is typed; choices are handed in."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.rules import (
    EMAIL_SHAPE,
    ORGANISATION_WORDS,
    PASSWORD_MAX,
    PASSWORD_MIN,
    ROLE_WORDS,
    SELF_REGISTERED,
    STAFF,
    USERNAME_SHAPE,
    Role,
    plain_phone,
    plain_username,
)
from app.core.text import trim

THEMES = {"auto": "跟随手机", "light": "浅色", "dark": "深色"}
PRINTS = {"normal": "标准", "large": "大字"}
STAFF_ROLES = {role.value: ROLE_WORDS[role] for role in Role if role in STAFF}
HELPER_ROLES = {
    Role.VOLUNTEER.value: "我想出力：做志愿者",
    Role.DONOR.value: "我想出钱出物：做爱心人士",
}
PASSWORD_HINT = f"至少 {PASSWORD_MIN} 位，用几个不相干的词连起来最好记"
USERNAME_HINT = "小写字母开头，3–32 位，可以有数字、点和横线"


def _trimmed(value: str | None) -> str:
    return trim(value or "")


def user_name(_form: Any, field: Any) -> None:
    """Refuse a user name that could be taken for a phone or cannot be typed anywhere."""
    if not USERNAME_SHAPE.fullmatch(plain_username(field.data or "")):
        words = "用户名要用字母开头，3–32 位，只用字母、数字、点和横线"
        raise ValidationError(words)


def mobile(_form: Any, field: Any) -> None:
    """Refuse what is not a mobile number of the mainland."""
    if plain_phone(field.data or "") is None:
        words = "手机号是 11 位数字，请再核对一次"
        raise ValidationError(words)


def mail(_form: Any, field: Any) -> None:
    """Refuse what no letter could be sent to."""
    if not EMAIL_SHAPE.fullmatch(field.data or ""):
        words = "这个邮箱地址好像不完整，请再核对一次"
        raise ValidationError(words)


NAME = (InputRequired("请填写怎么称呼你"), Length(max=40, message="称呼请控制在 40 个字以内"))
NEW_PASSWORD = (InputRequired("请设一个密码"), Length(max=PASSWORD_MAX, message="密码太长了"))


class SignInForm(FlaskForm):
    """Signing in (登录)."""

    username = StringField(
        "用户名或手机号", validators=[InputRequired("请填写用户名或手机号"), Length(max=64)]
    )
    password = PasswordField(
        "密码", validators=[InputRequired("请填写密码"), Length(max=PASSWORD_MAX)]
    )


class RegisterForm(FlaskForm):
    """Registering as a volunteer or donor (注册)."""

    role = RadioField("你想怎样帮忙", choices=HELPER_ROLES, validators=[InputRequired("请选一种")])
    name = StringField("怎么称呼你", filters=[_trimmed], validators=[*NAME])
    username = StringField("用户名", validators=[InputRequired("请起一个用户名"), user_name])
    phone = StringField("手机号", filters=[_trimmed], validators=[Optional(), mobile])
    password = PasswordField("密码", validators=[*NEW_PASSWORD])
    home_region = SelectField("在哪个镇街帮忙最方便", validators=[InputRequired("请选一个镇街")])
    pledge = BooleanField(
        "我已读完保密承诺，愿意遵守", validators=[InputRequired("请先读一读保密承诺，再打勾")]
    )

    @property
    def chosen(self) -> Role:
        """The role, which is one of the two that may register."""
        role = Role(self.role.data or "")
        return role if role in SELF_REGISTERED else Role.VOLUNTEER


class JoinForm(FlaskForm):
    """Accepting an invitation (接受邀请)."""

    username = StringField("用户名", validators=[InputRequired("请起一个用户名"), user_name])
    password = PasswordField("密码", validators=[*NEW_PASSWORD])
    pledge = BooleanField(
        "我已读完保密承诺，愿意遵守", validators=[InputRequired("请先读一读保密承诺，再打勾")]
    )


class SettingsForm(FlaskForm):
    """One's own name, ways to be reached, and looks (账号设置)."""

    name = StringField("怎么称呼你", filters=[_trimmed], validators=[*NAME])
    phone = StringField("手机号", filters=[_trimmed], validators=[Optional(), mobile])
    email = StringField("邮箱", filters=[_trimmed], validators=[Optional(), mail])
    home_region = SelectField("常去的镇街", validators=[Optional()])
    theme = RadioField("深浅", choices=THEMES)
    print_size = RadioField("字号", choices=PRINTS)


class PasswordForm(FlaskForm):
    """Changing the password (改密码)."""

    current = PasswordField("现在的密码", validators=[InputRequired("请填写现在的密码")])
    password = PasswordField("新密码", validators=[*NEW_PASSWORD])


class InviteForm(FlaskForm):
    """Inviting a member of staff (邀请)."""

    name = StringField("姓名", filters=[_trimmed], validators=[*NAME])
    role = SelectField("角色", choices=STAFF_ROLES)
    region_code = SelectField("负责的地区", validators=[Optional()])
    organisation = SelectField("所属机构", validators=[Optional()])


class GrantForm(FlaskForm):
    """Giving one more role (授权)."""

    role = SelectField("角色", choices=STAFF_ROLES)
    region_code = SelectField("负责的地区", validators=[Optional()])
    organisation = SelectField("所属机构", validators=[Optional()])


class OrganisationForm(FlaskForm):
    """Adding an organisation (新建机构)."""

    name = StringField(
        "机构全称",
        filters=[_trimmed],
        validators=[InputRequired("请填写机构全称"), Length(max=120)],
    )
    kind = SelectField(
        "类型", choices={kind.value: words for kind, words in ORGANISATION_WORDS.items()}
    )
    region_code = SelectField("所在地区", validators=[Optional()])
    notice = TextAreaField(
        "对公账户与说明", filters=[_trimmed], validators=[Optional(), Length(max=600)]
    )
