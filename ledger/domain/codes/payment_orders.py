"""Refusal codes: approving orders to the bank, messages of orders, and the bank's reports on them."""

CODES: dict[str, tuple[str, str]] = {
    "instruction_same_person": (
        "Instruction {instruction_id} was made by the same person or client; another one has to decide it.",
        "指令{instruction_id}由同一人员或客户端发起，须由他人复核。",
    ),
    "instruction_not_awaiting": (
        "Instruction {instruction_id} does not wait for approval; it is {state}.",
        "指令{instruction_id}无待复核事项，当前为{state}。",
    ),
    "instruction_not_institutions": (
        "An institution decides on money to itself; instruction {instruction_id} is a {kind}.",
        "机构仅可复核付给自身的款项；指令{instruction_id}为{kind}。",
    ),
    "acting_person_malformed": (
        "The Acting-Person must be an opaque id of 1 to 64 letters, digits, dots, hyphens and underscores.",
        "Acting-Person 须为1至64位字母、数字、点、连字符或下划线组成的编号。",
    ),
    "message_id_malformed": (
        "A message id has 1 to 28 letters, digits, dots, hyphens and underscores, and begins with a letter or digit.",
        "报文编号须为1至28位字母、数字、点、连字符或下划线，并以字母或数字开头。",
    ),
    "message_id_reused": (
        "The message {message_id} was made before with another content.",
        "报文{message_id}已生成且内容不同。",
    ),
    "payment_message_not_found": ("There is no message {message_id}.", "没有报文{message_id}。"),
    "payment_message_unfinished": (
        "The message {message_id} is not finished; ask for it again with the request that began it.",
        "报文{message_id}尚未完成，请以原请求重新生成。",
    ),
    "payment_orders_not_found": (
        "No order waits to be sent to this bank.",
        "没有待发送给该银行的支付指令。",
    ),
    "execution_date_past": (
        "The execution date {date} is before {today}.",
        "执行日期{date}早于{today}。",
    ),
    "status_kind_unknown": (
        "The root element {root} is not an ISO 20022 pain.002 Document.",
        "根元素{root}不是ISO 20022 pain.002的Document。",
    ),
    "status_version_unsupported": (
        "pain.002 version {version} is not supported; supported are {supported}.",
        "不支持pain.002版本{version}；支持的版本为{supported}。",
    ),
    "status_schema_invalid": (
        "Line {line} does not follow the schema of pain.002.{version}: {sentence}.",
        "第{line}行不符合pain.002.{version}的模式：{sentence}。",
    ),
    "status_message_not_found": (
        "The report is about the message {message_id}, which was never made for this bank.",
        "回执所指报文{message_id}并非本系统为该银行生成。",
    ),
    "status_payment_not_found": (
        "The message {message_id} has no payment information {payment_id}.",
        "报文{message_id}中没有付款信息{payment_id}。",
    ),
    "status_order_not_found": (
        "The message {message_id} has no order with the end-to-end id {end_to_end_id}.",
        "报文{message_id}中没有端到端编号为{end_to_end_id}的指令。",
    ),
    "status_order_unnamed": (
        "The transaction names no end-to-end id.",
        "该笔交易未注明端到端编号。",
    ),
    "status_code_unknown": (
        "The status {status} is not known; nothing was recorded.",
        "未知的状态{status}，未作记录。",
    ),
    "status_amount_unreadable": (
        "The amount of the transaction cannot be read as fen of CNY.",
        "该笔交易的金额无法读为人民币分。",
    ),
}
