"""Refusal codes: webhooks and the live stream."""

CODES: dict[str, tuple[str, str]] = {
    "webhook_url_wrong": (
        "A webhook goes to an https URL without user or fragment, or to http on this machine.",
        "回调地址须为不含用户信息和片段的 https 地址，或本机的 http 地址。",
    ),
    "webhook_address_private": (
        "The URL's host has no public address.",
        "回调地址的主机没有公网地址。",
    ),
    "webhook_not_found": ("There is no such webhook endpoint.", "回调端点不存在。"),
    "webhooks_many": ("A client has at most {limit} webhook endpoints.", "每个客户端最多{limit}个回调端点。"),
    "delivery_not_found": ("There is no such delivery.", "该投递记录不存在。"),
    "delivery_waiting": ("The delivery is still waiting for its turn.", "该投递尚在等待发送。"),
    "topic_unknown": ("There is no topic {topic}.", "没有主题{topic}。"),
    "topic_not_allowed": (
        "The client may read nothing of topic {topic}.",
        "客户端无权读取主题{topic}的内容。",
    ),
    "event_id_malformed": (
        "Last-Event-ID is not an id of this stream.",
        "Last-Event-ID 不是本数据流的编号。",
    ),
}
