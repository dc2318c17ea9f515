"""Why an account, an invitation or a sign-in is refused (账号的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class WrongSignIn(BadInput):
    """The name or the password is wrong; which of them is not said."""

    message = "用户名（手机号）或密码不对，请再试一次。忘记密码，请联系管理员重设"


class TooManyTries(Refusal):
    """Too many wrong passwords in a row for what was typed, whether or not there is such an account (等保)."""

    status = 429
    message = "试得太频繁了，先歇一歇，稍后再试。连续输错 5 次，要等 30 分钟"


class UserNameTaken(BadInput):
    """Somebody else has this user name."""

    message = "这个用户名已经有人用了，请换一个"


class WeakPassword(BadInput):
    """The password would be guessed."""

    message = "这个密码很容易被猜中，请换一个"


class InvitationGone(Refusal):
    """The invitation was used, withdrawn or is too old; all three sound the same."""

    status = 410
    message = "这个邀请已经用过或者过期了，请联系管理员再发一个"


class ScopeMissing(BadInput):
    """A role without a scope would see nothing."""

    message = "这个角色要选好负责的地区或所属机构，否则什么也看不到"


class NotYourself(Refusal):
    """An administrator may not lock themselves out."""

    message = "不能停用自己的账号，请另一位管理员来操作"


class OrganisationExists(BadInput):
    """There is an organisation of this name and kind already."""

    message = "已经有一个同名的机构，不用再建"
