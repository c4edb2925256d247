"""One small form that has every type of item, for the cases of all check kinds."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import BEIJING
from app.model.packet import PacketSpec, Part, PartKind
from app.model.programme import Action, Calendar, EvidenceKind, Reading, Stage
from app.model.submission import EventKind
from tests.unit.forms import make_item, make_programme, make_table

FIELDS = (
    make_item(
        "n1", label="甲数", unit="个", required="true", compared=True, torch_item=True, evidence=("01",)
    ),
    make_item("n2", label="乙数", unit="人", compared=True),
    make_item("n3", label="丙数", compared=True),
    make_item(
        "m1", "money", "收入", unit="万元", decimals=2, compared=True, torch_item=True, evidence=("01", "02")
    ),
    make_item("m2", "money", "服务收入", unit="万元"),
    make_item("m3", "money", "其他收入", unit="万元"),
    make_item("y1", "money", "人均费用", unit="元"),
    make_item("p1", "percent", "甲占比", unit="%", decimals=1),
    make_item("p2", "percent", "乙占比", unit="%"),
    make_item("q1", "decimal", "面积", unit="平方米", evidence=("02",)),
    make_item("name", "text", "名称", required="true", max_length=20),
    make_item("other", "text", "执照名称", required="yes = true"),
    make_item(
        "story", "long_text", "主要做法", min_length=10, max_length=60, prompt="请写明主要做法和成效情况"
    ),
    make_item("day", "date", "成立日期"),
    make_item("day2", "date", "运营日期"),
    make_item("years", "year_range", "任期"),
    make_item("yes", "yes_no", "是否变更", evidence=("02",)),
    make_item("nature", "choice", "性质", choices={"firm": "企业", "shop": "个体工商户"}),
    make_item("several", "multi_choice", "设施", choices={"net": "宽带", "hall": "路演厅"}),
    make_item("code", "credit_code", "统一社会信用代码"),
    make_item("person", "id_number", "证件号码", masked=True),
    make_item("phone", "phone", "手机"),
    make_item("mail", "email", "邮箱"),
    make_item("web", "web_address", "网址"),
    make_item("post", "postcode", "邮编"),
    make_item("worked", label="合计数", required="true", calculate="n1 + n2"),
)
TENANTS = make_table(
    "t1",
    make_item("name", "text", "名称", required="true"),
    make_item("kind", "choice", "类型", required="true", choices={"team": "团队", "firm": "企业"}),
    make_item("code", "credit_code", "代码", required='kind = "firm"'),
    make_item("start", "date", "入驻日期"),
    make_item("term", "year_range", "协议年度"),
    make_item("end", "date", "毕业日期", required="true", relevant='status = "gone"'),
    make_item("status", "choice", "状态", choices={"resident": "在驻", "gone": "毕业"}),
    make_item("n", label="人数", unit="人", evidence=("01",)),
    make_item("a", label="应届"),
    make_item("b", label="往届"),
    make_item("m", "money", "投资额", unit="万元", decimals=2),
    make_item("fee", "money", "税费", unit="元"),
    make_item("p", "percent", "占股"),
    make_item("r", "percent", "其余占股"),
    make_item("own", "yes_no", "自有资金"),
    make_item("note", "long_text", "说明", min_length=5, max_length=20, prompt="写明情况"),
    make_item("person", "id_number", "证件号码"),
    make_item("phone", "phone", "电话"),
    make_item("mail", "email", "邮箱"),
    make_item("web", "web_address", "网址"),
    make_item("post", "postcode", "邮编"),
    make_item("several", "multi_choice", "标签", choices={"net": "宽带"}),
    label="入驻清单",
    min_rows=1,
)
STAFF = make_table(
    "t2",
    make_item("name", "text", "姓名"),
    make_item("hours", label="课时"),
    label="人员名单",
    relevant="n3 > 0",
)


def _stage(stage_id: str, label: str, done_by: EventKind, closes: datetime | None, **more: object) -> Stage:
    return Stage(stage_id, label, "unit", Action.FILL, (done_by,), closes=closes, **more)  # type: ignore[arg-type]


STAGES = (
    _stage(
        "fill",
        "网上填报",
        EventKind.SUBMITTED,
        datetime(2023, 1, 5, 21, tzinfo=BEIJING),
        opens=datetime(2022, 12, 22, tzinfo=BEIJING),
        usual_days=1,
        readings=(Reading(datetime(2023, 1, 5, 20, tzinfo=BEIJING), "早一小时", "通知"),),
    ),
    _stage(
        "review",
        "主管部门审核",
        EventKind.APPROVED,
        datetime(2023, 1, 7, 21, tzinfo=BEIJING),
        after=("fill",),
        reviewer=True,
    ),
    _stage(
        "deliver",
        "送达",
        EventKind.DELIVERED,
        datetime(2023, 1, 10, 12, tzinfo=BEIJING),
        after=("review",),
        usual_days=5,
        warn_before=timedelta(hours=24),
    ),
)
WORLD = make_programme(
    FIELDS,
    (TENANTS, STAFF),
    stages=STAGES,
    packet=PacketSpec((Part("book", PartKind.REPORT, "2022年度自评报告"),), 2, "胶装"),
    evidence=(EvidenceKind("01", "01", "营业执照", required=True), EvidenceKind("02", "02", "租赁合同")),
    calendar=Calendar({}, {}, frozenset({2022, 2023})),
    grades=("优秀", "合格", "不合格"),
    notice_date=datetime(2022, 12, 23, tzinfo=BEIJING).date(),
)
