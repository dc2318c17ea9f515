"""What is said about a cell (问题说明): one sentence per code, never with the cell's value."""

from types import MappingProxyType
from typing import Final

ERRORS: Final = MappingProxyType(
    {
        "id_checksum": "证件号码不对：位数、日期或校验位有误，请核对原件后改正",
        "id_lost_to_number": "证件号码被存成数字，后几位已丢失；请设为文本格式，照原件重填",
        "unknown_community": "镇街或村居认不出，请写全称，村居要在所填镇街之内",
        "unknown_category": "救助类别认不出，请从七个类别里选一个",
        "person_in_another_household": "证件号码已在前面的家庭里，一人只能在一户；请核对，保留一处",
        "income_not_a_number": "月人均收入不是确定的数，请填数字，不写约数或区间",
        "negative_income": "月人均收入是负数，请核对",
        "members_not_aligned": "一格里的姓名和证件号码数目对不上，请一人一行，或逐一对应写清",
        "no_householder": "这一户没有人的关系写着“户主”，请补上",
    }
)

WARNINGS: Final = MappingProxyType(
    {
        "fullwidth_id": "证件号码有全角字符，已转为半角",
        "spaced_id": "证件号码里有空格，已去掉",
        "dashed_id": "证件号码里有横线，已去掉",
        "quoted_id": "证件号码前有引号，已去掉",
        "lowercase_id": "证件号码末位的 x 已改成大写",
        "id_15_digits": "15 位旧号已换成 18 位，请核对原件",
        "id_missing": "没有证件号码，请尽快补上",
        "id_other_kind": "不是居民身份证号码，按其他证件保存，未作校验",
        "id_ends_in_zeros": "证件号码以 000 结尾，可能被表格软件改过，请核对原件",
        "id_repeated": "同一户里这个证件号码出现两次，只保留前面一处",
        "spaced_name": "姓名里有空格，已去掉",
        "name_not_text": "姓名不是文字，请核对",
        "several_names": "一格里像是有几个姓名，请一人一行",
        "name_missing": "没有姓名，请补上",
        "row_not_understood": "这一行没有姓名和证件号码，未导入",
        "sex_differs_from_id": "性别与证件号码不一致，已按证件号码",
        "sex_unreadable": "性别认不出，请填男或女",
        "birth_differs_from_id": "出生日期与证件号码不一致，已按证件号码",
        "community_short_name": "村居用了简称，已认出",
        "town_short_name": "镇街用了简称，已认出",
        "category_from_title": "没有救助类别这一列，按表题里写的类别",
        "community_from_title": "没有村居这一列，按表题里写的村居",
        "listed_fact_shared": "一格里有几个人而这一列只写了一次，记在第一人名下，请核对",
        "category_alias": "救助类别用了别名，已归到标准类别",
        "member_count_differs": "家庭人口与实际行数不一致，按实际行数",
        "count_unreadable": "家庭人口不是数字，按实际行数",
        "several_householders": "这一户有不止一人写着户主，按第一人",
        "householder_name_differs": "户主姓名与写着户主的人不一致，请核对",
        "household_values_differ": "同一户几行里的家庭信息不一致，按第一行",
        "source_no_repeated": "家庭编号与前面另一户相同，请核对",
        "relationship_unreadable": "与户主关系认不出，记为其他",
        "money_text": "金额是文字，已读成数字",
        "income_missing": "没有月人均收入，请补上",
        "aid_unreadable": "救助金额不是确定的数，未导入，请补上",
        "aid_negative": "救助金额是负数，未导入，请核对",
        "date_text": "日期是文字，已读成日期",
        "date_number": "日期是数字，已读成日期",
        "date_imprecise": "日期没有写到日，只按所写的年月保存",
        "date_unreadable": "日期认不出，未导入，请写成 2024-09-01 的样子",
        "dashed_phone": "电话里有横线或空格，已去掉",
        "fullwidth_phone": "电话有全角数字，已转为半角",
        "several_phones": "一格里有几个电话，已分开",
        "worded_phone": "电话旁的文字已略去",
        "phone_number_cell": "电话被当成数字保存，已读成文字",
        "phone_unreadable": "电话号码位数不对，未导入，请核对",
        "account_lost_to_number": "银行账号被存成数字，后几位可能已丢失，未导入，请照原件重填",
        "certificate_unreadable": "残疾证号不对，请核对原件",
        "certificate_differs": "残疾证号与证件号码或残疾类别、等级不一致，请核对",
        "word_unknown": "这个词不在代码表里，已照原文保存",
    }
)

MESSAGES: Final = MappingProxyType({**ERRORS, **WARNINGS})
