"""Refusal codes: users who sign in to the pages."""

CODES: dict[str, tuple[str, str]] = {
    "user_id_malformed": (
        "A user name is 1 to 64 letters, digits, dots, underscores or hyphens.",
        "用户名须为1至64个字母、数字、点、下划线或连字符。",
    ),
    "user_exists": ("User {user_id} exists already.", "用户{user_id}已存在。"),
    "user_not_found": ("There is no user {user_id}.", "没有用户{user_id}。"),
    "user_role_wrong": (
        "Users are of a bank, an institution, a regulator or the operator; families sign in by contract number.",
        "用户须属于银行、机构、监管方或运维；家长以合同编号登录。",
    ),
    "password_weak": (
        "A password has at least {length} characters, and is none of the common ones.",
        "密码至少{length}个字符，且不得为常见密码。",
    ),
    "sign_in_refused": (
        "User name, password or code is wrong.",
        "用户名、密码或验证码不正确。",
    ),
    "sign_in_locked": (
        "Too many failed attempts. Try again in {retry_after_s} seconds.",
        "失败次数过多，请在{retry_after_s}秒后重试。",
    ),
    "identity_not_set": ("No identity provider is set up here.", "本系统未配置统一身份认证。"),
    "identity_unavailable": ("The identity provider does not answer.", "统一身份认证服务无应答。"),
    "identity_refused": (
        "The identity provider's answer does not fit this sign-in ({why}). Begin again.",
        "统一身份认证的应答与本次登录不符（{why}），请重新登录。",
    ),
    "code_refused": (
        "The code is wrong, was used, or has expired. Ask for a new one.",
        "验证码不正确、已使用或已过期，请重新获取。",
    ),
    "code_delivery_missing": (
        "No way of sending codes is set up here, so families cannot sign in.",
        "本系统尚未配置验证码发送方式，家长暂无法登录。",
    ),
    "form_field_missing": ("Please fill in {field}.", "请填写{field}。"),
    "form_field_long": ("{field} has more than {limit} characters.", "{field}超过{limit}个字符。"),
    "form_field_wrong": ("{field} is not filled in rightly.", "{field}填写有误。"),
    "form_line_wrong": (
        "Line {line} of {field} is not written as the page shows.",
        "{field}第{line}行未按页面所示填写。",
    ),
    "form_amount_wrong": (
        "{field} is an amount in yuan with at most two decimals, such as 1280 or 1280.50.",
        "{field}须为人民币元，至多两位小数，例如1280或1280.50。",
    ),
    "confirmation_wrong": (
        "Type {institution_id} to confirm.",
        "请输入{institution_id}以确认。",
    ),
    "class_empty": ("Nobody is ticked: a class has at least one pupil.", "未勾选任何学员，至少须有一名。"),
    "class_not_found": ("No class of that number was recorded.", "没有记录过该课次。"),
    "correction_empty": (
        "Nobody is ticked: tick those whose lesson is taken back.",
        "未勾选任何学员，请勾选要撤回本次课的学员。",
    ),
    "course_not_found": ("There is no running contract of course {course_id}.", "课程{course_id}没有履行中的合同。"),
    "sheet_unreadable": ("The file is no spreadsheet that can be read.", "该文件不是可读取的电子表格。"),
    "sheet_too_large": (
        "The spreadsheet holds more than {limit_bytes} bytes once it is unpacked.",
        "电子表格解压后超过{limit_bytes}字节。",
    ),
    "sheet_headings_wrong": (
        "The first row must have the template's headings: {headings}.",
        "首行须为模板的表头：{headings}。",
    ),
    "sheet_empty": ("The sheet has no rows below its headings.", "表头之下没有数据行。"),
    "sheet_rows_many": ("The sheet has more than {limit} rows.", "数据超过{limit}行。"),
    "session_not_found": ("There is no such session.", "没有该登录会话。"),
}
