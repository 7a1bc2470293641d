"""Objects for the statements of test_query_public_statements.py: a few lines of each kind of log."""

from __future__ import annotations

import gzip
import json

_TRAIL = {
    "Records": [
        {
            "eventVersion": "1.08",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann"},
            "eventTime": "2024-01-01T10:00:00Z",
            "eventSource": "s3.amazonaws.com",
            "eventName": "DeleteBucket",
            "sourceIPAddress": "192.0.2.1",
            "requestParameters": {"bucketName": "old-logs"},
            "resources": [{"ARN": "arn:aws:s3:::old-logs", "accountId": "123456789012"}],
        },
        {
            "eventVersion": "1.08",
            "userIdentity": {"type": "Root", "arn": "arn:aws:iam::123456789012:root"},
            "eventTime": "2024-01-01T11:00:00Z",
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "sourceIPAddress": "192.0.2.2",
            "requestParameters": None,
        },
    ]
}

_ALB = (
    "https 2024-01-01T10:00:00.186641Z app/web/50dc6c 192.0.2.{0}:2817 10.0.0.1:80 0.001 0.25 0.0 {1} {1} 34 366"
    ' "GET https://example.com:443/orders?id={0} HTTP/1.1" "curl/8.0"\n'
)

_S3_ACCESS = (
    "79a5 my-logs [01/Jan/2024:10:00:0{0} +0000] 192.0.2.3 79a5 3E57 REST.GET.OBJECT"
    ' photos/{0}.jpg "GET /my-logs/photos/{0}.jpg HTTP/1.1" 200\n'
)

_WAF = {
    "timestamp": 1704103200000,
    "action": "BLOCK",
    "httpRequest": {
        "clientIp": "192.0.2.4",
        "country": "DE",
        "headers": [{"name": "Host", "value": "example.com"}, {"name": "Referer", "value": "bad.example"}],
    },
}

OBJECTS: dict[str, str | bytes] = {
    "public/trail/2024/01/01/a.json.gz": gzip.compress(json.dumps(_TRAIL).encode()),
    "public/alb/2024/01/01/a.log": _ALB.format(1, 200) + _ALB.format(2, 502) + "not a line of the log\n",
    "public/access/a": _S3_ACCESS.format(1) + _S3_ACCESS.format(2),
    "public/flow/2024/01/01/a.log": (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action"
        " log-status\n"
        "2 123456789012 eni-1 192.0.2.5 10.0.0.1 40000 22 6 2 80 1704103200 1704103260 REJECT OK\n"
        "2 123456789012 eni-1 192.0.2.6 10.0.0.1 40001 443 6 20 4000 1704103200 1704103260 ACCEPT OK\n"
    ),
    "public/front/a": (
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip\n"
        "2024-01-01\t10:00:00\tFRA50\t1500\t192.0.2.7\n2024-01-02\t10:00:00\tFRA50\t500\t192.0.2.7\n"
    ),
    "public/waf/2024/01/01/a.json": json.dumps(_WAF) + "\n",
    "public/tabs/a.tsv": 'id\tname\n1\t"Ann\tB."\n2\t"Bob"\n',
    "public/elb/dt=2024-01-01/a.csv": "1,x\n",
    "public/elb/dt=2024-01-02/a.csv": "2,y\n",
}
"""The objects in the bucket ``data``."""
