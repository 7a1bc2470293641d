PRAGMA user_version = 12;
BEGIN TRANSACTION;
CREATE TABLE athena_query (
    id TEXT PRIMARY KEY,
    work_group TEXT NOT NULL,
    token TEXT UNIQUE,                 -- ClientRequestToken
    state TEXT NOT NULL,
    submitted REAL NOT NULL,
    request TEXT NOT NULL,             -- JSON: StartQueryExecution, complete
    outcome TEXT NOT NULL DEFAULT '{}' -- JSON: what is known since
);
CREATE TABLE blueprint_run (
    run_id TEXT PRIMARY KEY,
    blueprint TEXT NOT NULL,
    started REAL NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE blueprint_zip (
    digest TEXT PRIMARY KEY,
    stem TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE crawl (
    id TEXT PRIMARY KEY,
    crawler TEXT NOT NULL,
    workflow_run_id TEXT,
    seq INTEGER,
    trigger_name TEXT,
    state TEXT NOT NULL,
    started REAL NOT NULL,
    completed REAL,
    error TEXT,
    summary TEXT
);
INSERT INTO "crawl" VALUES('25d6b1a2-80db-49e4-a0b9-1dcf64461c5d','crawler','wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa',1,NULL,'SUCCEEDED',1.79606780982828617091e+09,1.7960678106233227253e+09,NULL,'{"TablesCreated": 1, "TablesUpdated": 0, "TablesDeleted": 0, "PartitionsCreated": 0, "Summary": "{\"TABLE\":{\"ADD\":\"{\\\"Details\\\":{\\\"names\\\":[\\\"data\\\"]},\\\"Count\\\":1}\"},\"PARTITION\":{}}"}');
CREATE TABLE event_rule (
    name TEXT PRIMARY KEY,
    pattern TEXT NOT NULL,             -- as in PutRule
    state TEXT NOT NULL,
    description TEXT,
    role_arn TEXT
) WITHOUT ROWID;
INSERT INTO "event_rule" VALUES('rule','{"source": ["aws.s3"]}','ENABLED',NULL,NULL);
CREATE TABLE event_target (
    rule TEXT NOT NULL REFERENCES event_rule ON DELETE CASCADE,
    id TEXT NOT NULL,
    arn TEXT NOT NULL,
    workflow TEXT NOT NULL,            -- the workflow that the ARN names
    body TEXT NOT NULL,                -- JSON, members as on the wire
    PRIMARY KEY (rule, id)
) WITHOUT ROWID;
CREATE TABLE event_window (
    workflow TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE execution (
    id TEXT PRIMARY KEY,               -- MACHINE:NAME
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    stopped REAL,
    digest TEXT NOT NULL,
    last_event INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL                 -- JSON: ARNs, role, input; output, error and cause at the end
);
INSERT INTO "execution" VALUES('machine:once','machine','once','SUCCEEDED',1.79606780150962424278e+09,1.79606780255974936484e+09,'bba099974b505f0774227ac3a6e27366927cf281e5cdc55d53d80f885a7b3f2c',4,'{"executionArn": "arn:aws:states:us-east-1:123456789012:execution:machine:once", "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine", "roleArn": "arn:aws:iam::123456789012:role/glueprint", "input": "{}", "output": "{}"}');
CREATE TABLE execution_branch (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    id INTEGER NOT NULL,
    body TEXT NOT NULL,                -- JSON: a Branch of glueprint.statemachine.execution
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;
CREATE TABLE execution_event (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    id INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    type TEXT NOT NULL,
    at REAL NOT NULL,
    details TEXT NOT NULL,             -- JSON, members as on the wire
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;
INSERT INTO "execution_event" VALUES('machine:once',1,0,'ExecutionStarted',1.79606780150976610187e+09,'{"input": "{}", "inputDetails": {"truncated": false}, "roleArn": "arn:aws:iam::123456789012:role/glueprint"}');
INSERT INTO "execution_event" VALUES('machine:once',2,1,'WaitStateEntered',1.79606780150976610187e+09,'{"name": "W", "input": "{}", "inputDetails": {"truncated": false}}');
INSERT INTO "execution_event" VALUES('machine:once',3,2,'WaitStateExited',1.79606780255974936484e+09,'{"name": "W", "output": "{}", "outputDetails": {"truncated": false}}');
INSERT INTO "execution_event" VALUES('machine:once',4,3,'ExecutionSucceeded',1.79606780255974936484e+09,'{"output": "{}", "outputDetails": {"truncated": false}}');
CREATE TABLE execution_task (
    execution TEXT NOT NULL REFERENCES execution ON DELETE CASCADE,
    visit INTEGER NOT NULL,
    resource TEXT NOT NULL,
    parameters TEXT NOT NULL,          -- JSON
    job_run TEXT,                      -- the job run that a .sync task waits for
    closed INTEGER NOT NULL DEFAULT 0, -- 1: no longer waited for; the job run is to be stopped
    PRIMARY KEY (execution, visit)
) WITHOUT ROWID;
CREATE TABLE fired_trigger (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    trigger_name TEXT NOT NULL,
    at REAL NOT NULL,
    because TEXT NOT NULL,             -- JSON list of seq
    PRIMARY KEY (run_id, trigger_name)
) WITHOUT ROWID;
INSERT INTO "fired_trigger" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa','go',1.7960678094362001419e+09,'[]');
INSERT INTO "fired_trigger" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa','next',1.7960678098279616833e+09,'[0]');
CREATE TABLE glue_partition (
    id INTEGER PRIMARY KEY,
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    partition_values TEXT NOT NULL,    -- JSON list
    body TEXT NOT NULL,
    UNIQUE (table_id, partition_values)
);
INSERT INTO "glue_partition" VALUES(1,1,'["d1"]','{"StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://sample/data/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat", "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}}, "CreationTime": 1796067800.9300466}');
CREATE TABLE glue_partition_index (
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    name TEXT NOT NULL,
    keys TEXT NOT NULL,                -- JSON list of names
    ready REAL NOT NULL,               -- CREATING before, ACTIVE or FAILED from then on
    gone REAL,                         -- DELETING before, no more from then on
    errors TEXT NOT NULL,              -- JSON: BackfillErrors
    PRIMARY KEY (table_id, name)
) WITHOUT ROWID;
INSERT INTO "glue_partition_index" VALUES(1,'i','["day"]',1.79606780195604753499e+09,NULL,'[]');
CREATE TABLE glue_table (
    id INTEGER PRIMARY KEY,
    database_name TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,          -- of body; archived ones are in glue_table_version
    body TEXT NOT NULL,                -- JSON, members as on the wire
    UNIQUE (database_name, name)
);
INSERT INTO "glue_table" VALUES(1,'db','t',1,'{"Description": "second", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://sample/data/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat", "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}}, "PartitionKeys": [{"Name": "day", "Type": "string"}], "Retention": 0, "CreateTime": 1796067800.9108245, "CreatedBy": "arn:aws:iam::123456789012:root", "UpdateTime": 1796067800.9162931}');
INSERT INTO "glue_table" VALUES(2,'db','data',0,'{"Owner": "owner", "Retention": 0, "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}], "Location": "s3://sample/data/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat", "Compressed": false, "NumberOfBuckets": -1, "SerdeInfo": {"Parameters": {"field.delim": ","}, "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}, "BucketColumns": [], "SortColumns": [], "Parameters": {"CRAWL_RUN_ID": "25d6b1a2-80db-49e4-a0b9-1dcf64461c5d", "CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0", "UPDATED_BY_CRAWLER": "crawler", "areColumnsQuoted": "false", "averageRecordSize": "8", "classification": "csv", "columnsOrdered": "true", "compressionType": "none", "delimiter": ",", "objectCount": "1", "recordCount": "2", "sizeKey": "16", "skip.header.line.count": "1", "typeOfData": "file"}, "StoredAsSubDirectories": false}, "PartitionKeys": [], "TableType": "EXTERNAL_TABLE", "Parameters": {"CRAWL_RUN_ID": "25d6b1a2-80db-49e4-a0b9-1dcf64461c5d", "CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0", "UPDATED_BY_CRAWLER": "crawler", "areColumnsQuoted": "false", "averageRecordSize": "8", "classification": "csv", "columnsOrdered": "true", "compressionType": "none", "delimiter": ",", "objectCount": "1", "recordCount": "2", "sizeKey": "16", "skip.header.line.count": "1", "typeOfData": "file"}, "CreateTime": 1796067810.6152444, "UpdateTime": 1796067810.6152444, "CreatedBy": "arn:aws:iam::123456789012:root"}');
CREATE TABLE glue_table_version (
    table_id INTEGER NOT NULL REFERENCES glue_table ON DELETE CASCADE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (table_id, version)
) WITHOUT ROWID;
INSERT INTO "glue_table_version" VALUES(1,0,'{"StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://sample/data/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat", "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat", "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}}, "PartitionKeys": [{"Name": "day", "Type": "string"}], "Retention": 0, "CreateTime": 1796067800.9108245, "UpdateTime": 1796067800.9108245, "CreatedBy": "arn:aws:iam::123456789012:root"}');
CREATE TABLE held_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow TEXT NOT NULL,
    event_id TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE TABLE invocation (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    predecessors TEXT NOT NULL,        -- JSON list of seq
    state TEXT NOT NULL,
    copied_from INTEGER,               -- resumed runs: its number in the earlier run, when it was not run again
    origin_run_id TEXT,                -- and the run and number under which it really ran
    origin_seq INTEGER,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
INSERT INTO "invocation" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa',0,'JOB','job','go','[]','SUCCEEDED',NULL,NULL,NULL);
INSERT INTO "invocation" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa',1,'CRAWLER','crawler','next','[0]','SUCCEEDED',NULL,NULL,NULL);
CREATE TABLE job_bookmark (
    job_name TEXT NOT NULL,
    version INTEGER NOT NULL,          -- rises with every update
    run INTEGER NOT NULL,              -- rises with every run that succeeded
    attempt INTEGER NOT NULL,          -- rises with every attempt of a run that failed
    run_id TEXT,                       -- the job run that committed it; none after a reset of everything
    previous_run_id TEXT,
    state TEXT NOT NULL, committed INTEGER NOT NULL DEFAULT 1,               -- JSON: by transformation_ctx
    PRIMARY KEY (job_name, version)
) WITHOUT ROWID;
CREATE TABLE job_run (
    id TEXT PRIMARY KEY,
    submission_id TEXT NOT NULL REFERENCES submission,
    job_name TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    submitted REAL NOT NULL,
    modified REAL NOT NULL,
    started REAL,
    completed REAL,
    execution_seconds REAL,
    error TEXT,
    detail TEXT,
    ending TEXT,                       -- while STOPPING: the final state that follows
    delayed INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "job_run" VALUES('jr_b613897922db5e3b5cc85785e81839d437686a1f2bcfe8192d77c3739046097a','jr_b613897922db5e3b5cc85785e81839d437686a1f2bcfe8192d77c3739046097a','job',0,'SUCCEEDED',1.79606780943675231935e+09,1.79606780982761716838e+09,1.79606780963279223442e+09,1.79606780978514742855e+09,1.52355194091796875e-01,NULL,NULL,NULL,0);
INSERT INTO "job_run" VALUES('jr_d11ddb7115ad45142b75361ae9dc4ce1edd80c22c016234c577e2c9645d703c4','jr_d11ddb7115ad45142b75361ae9dc4ce1edd80c22c016234c577e2c9645d703c4','job',0,'SUCCEEDED',1.79606781065331387514e+09,1.7960678107880725861e+09,1.79606781067278075216e+09,1.79606781071832680707e+09,4.5546054840087890625e-02,NULL,NULL,NULL,0);
CREATE TABLE missed_time (
    subject TEXT NOT NULL,             -- trigger/NAME or crawler/NAME
    at REAL NOT NULL,
    noticed REAL NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
CREATE TABLE moto_request (
    seq INTEGER PRIMARY KEY,
    at REAL NOT NULL,                  -- the time that the answer has
    seed TEXT NOT NULL,                -- of the random numbers in the answer
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    authorization TEXT NOT NULL,       -- names service, region and caller; its signature is not kept
    body TEXT NOT NULL                 -- the form that was sent
);
INSERT INTO "moto_request" VALUES(1,1.79606780152865386007e+09,'5bd851c7118bcbe56f880e14611b9c3d6f56370c66c0a82a826903d95da425f9','iam','CreateRole','AWS4-HMAC-SHA256 Credential=GLPRFQHR53OEXNJ5AIAX/20261130/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=kept','Action=CreateRole&Version=2010-05-08&RoleName=kept&AssumeRolePolicyDocument=%7B%7D');
CREATE TABLE moto_request_name (       -- what a request is about, e.g. RoleName etl
    member TEXT NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES moto_request ON DELETE CASCADE,
    PRIMARY KEY (member, name, seq)
) WITHOUT ROWID;
INSERT INTO "moto_request_name" VALUES('RoleName','kept',1);
CREATE TABLE owed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL              -- the id of the job run, crawl or blueprint run
);
CREATE TABLE quality_result (
    id TEXT PRIMARY KEY,
    token TEXT UNIQUE,                 -- recognises a repeated call
    context TEXT NOT NULL,
    job_name TEXT,
    job_run_id TEXT,
    run_id TEXT,                       -- the evaluation run
    source TEXT,                       -- database and table, as JSON
    started REAL NOT NULL,
    served INTEGER NOT NULL,           -- 0: kept for dynamic rules only
    body TEXT NOT NULL,                -- JSON: DataQualityResult
    statistics TEXT NOT NULL           -- JSON: metrics by name
);
CREATE TABLE quality_run (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    token TEXT,                        -- the request's ClientToken
    request TEXT NOT NULL,             -- JSON
    started REAL NOT NULL,
    modified REAL NOT NULL,
    running REAL,                      -- since when its process runs
    completed REAL,
    ending TEXT,                       -- while STOPPING: the status that follows
    error TEXT,
    outcome TEXT NOT NULL DEFAULT '{}' -- JSON: ResultIds, RecommendedRuleset
);
CREATE TABLE resource (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,                       -- triggers: their workflow
    body TEXT NOT NULL,                -- JSON, members as on the wire
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
INSERT INTO "resource" VALUES('classifier','csv',NULL,'{"Name": "csv", "Classifier": {"CsvClassifier": {"Name": "csv", "Delimiter": ";", "CreationTime": 1796067801.176412, "LastUpdated": 1796067801.176412, "Version": 1}}}');
INSERT INTO "resource" VALUES('connection','connection',NULL,'{"Name": "connection", "ConnectionType": "JDBC", "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:x:y", "USERNAME": "u", "PASSWORD": "p"}, "Status": "READY", "ConnectionSchemaVersion": 1, "CreationTime": 1796067801.1839852, "LastUpdatedTime": 1796067801.1839852}');
INSERT INTO "resource" VALUES('crawler','crawler',NULL,'{"Name": "crawler", "Role": "arn:aws:iam::123456789012:role/glueprint", "DatabaseName": "db", "Targets": {"S3Targets": [{"Path": "s3://sample/data"}]}, "Schedule": {"ScheduleExpression": "cron(0 4 1 1 ? *)", "State": "SCHEDULED"}, "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}, "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"}, "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"}, "Classifiers": [], "State": "READY", "CrawlElapsedTime": 0, "CreationTime": 1796067801.0850048, "LastUpdated": 1796067801.0850048, "Version": 1, "LastCrawl": {"Status": "SUCCEEDED", "LogGroup": "/aws-glue/crawlers", "LogStream": "crawler", "MessagePrefix": "25d6b1a2-80db-49e4-a0b9-1dcf64461c5d", "StartTime": 1796067809.8282862}}');
INSERT INTO "resource" VALUES('dataQualityRuleset','rules',NULL,'{"Name": "rules", "Ruleset": "Rules = [ RowCount > 0 ]", "CreatedOn": 1796067801.2228358, "LastModifiedOn": 1796067801.2228358}');
INSERT INTO "resource" VALUES('database','db',NULL,'{"Description": "kept", "CreateTableDefaultPermissions": [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}], "Name": "db", "CreateTime": 1796067800.8804133}');
INSERT INTO "resource" VALUES('job','job',NULL,'{"Name": "job", "Role": "arn:aws:iam::123456789012:role/glueprint", "Command": {"ScriptLocation": "s3://sample/ok.py", "Name": "pythonshell", "PythonVersion": "3.9"}, "MaxRetries": 0, "ExecutionProperty": {"MaxConcurrentRuns": 1}, "MaxCapacity": 0.0625, "Timeout": 2880, "JobMode": "SCRIPT", "CreatedOn": 1796067800.9628987, "LastModifiedOn": 1796067800.9628987}');
INSERT INTO "resource" VALUES('state-machine','machine',NULL,'{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine", "name": "machine", "digest": "bba099974b505f0774227ac3a6e27366927cf281e5cdc55d53d80f885a7b3f2c", "roleArn": "arn:aws:iam::123456789012:role/glueprint", "type": "STANDARD", "loggingConfiguration": null, "tracingConfiguration": null, "revisionId": null, "creationDate": 1796067801.4729745}');
INSERT INTO "resource" VALUES('trigger','event','events','{"Name": "event", "Type": "EVENT", "WorkflowName": "events", "Actions": [{"JobName": "job"}], "EventBatchingCondition": {"BatchWindow": 900, "BatchSize": 1}, "State": "CREATED"}');
INSERT INTO "resource" VALUES('trigger','go','flow','{"Name": "go", "Type": "ON_DEMAND", "WorkflowName": "flow", "Actions": [{"JobName": "job"}], "State": "CREATED"}');
INSERT INTO "resource" VALUES('trigger','next','flow','{"Name": "next", "Type": "CONDITIONAL", "WorkflowName": "flow", "Predicate": {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "job", "State": "SUCCEEDED"}]}, "Actions": [{"CrawlerName": "crawler"}], "State": "ACTIVATED"}');
INSERT INTO "resource" VALUES('trigger','nightly',NULL,'{"Name": "nightly", "Type": "SCHEDULED", "Schedule": "cron(0 3 1 1 ? *)", "Actions": [{"JobName": "job"}], "State": "ACTIVATED"}');
INSERT INTO "resource" VALUES('userDefinedFunction','db
f','db','{"FunctionName": "f", "ClassName": "c", "OwnerName": "o", "OwnerType": "USER", "ResourceUris": [], "DatabaseName": "db", "CreateTime": 1796067801.1945229}');
INSERT INTO "resource" VALUES('workflow','events',NULL,'{"Name": "events", "CreatedOn": 1796067801.12807, "LastModifiedOn": 1796067801.12807}');
INSERT INTO "resource" VALUES('workflow','flow',NULL,'{"Name": "flow", "DefaultRunProperties": {"a": "1"}, "CreatedOn": 1796067801.1154983, "LastModifiedOn": 1796067801.1154983}');
CREATE TABLE run_property (
    run_id TEXT NOT NULL REFERENCES workflow_run,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
INSERT INTO "run_property" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa','a','1');
CREATE TABLE s3_bucket_settings (
    bucket TEXT NOT NULL,
    setting TEXT NOT NULL,
    value TEXT NOT NULL,               -- JSON, members as in the service model; null: deleted
    PRIMARY KEY (bucket, setting)
) WITHOUT ROWID;
INSERT INTO "s3_bucket_settings" VALUES('sample','PublicAccessBlock','{"BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false}');
CREATE TABLE s3_buckets (
    bucket TEXT PRIMARY KEY,
    created REAL NOT NULL,
    location TEXT NOT NULL,
    tags TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "s3_buckets" VALUES('sample',1.79606780047235703467e+09,'us-east-1','{"team": "data"}');
CREATE TABLE s3_objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    inode INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    system TEXT NOT NULL,
    user TEXT NOT NULL,
    tags TEXT NOT NULL,
    checksum_type TEXT NOT NULL,
    checksums TEXT NOT NULL,
    parts TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    PRIMARY KEY (bucket, key, inode, mtime_ns, size)
) WITHOUT ROWID;
INSERT INTO "s3_objects" VALUES('sample','data/a.csv',2163062,1796067800517722007,16,'9b16ef8fbb9651d97f63fc86352262b7','{}','{"kept": "yes"}','{"team": "data"}','FULL_OBJECT','{"CRC32": "wPZabA=="}','[]','');
INSERT INTO "s3_objects" VALUES('sample','ok.py',2163082,1796067800550966826,12,'0bd9d30fdff5a8f7609324caa7b1aa3d','{}','{"kept": "yes"}','{"team": "data"}','FULL_OBJECT','{"CRC32": "4LeyNA=="}','[]','');
CREATE TABLE s3_parts (
    upload_id TEXT NOT NULL REFERENCES s3_uploads ON DELETE CASCADE,
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified REAL NOT NULL,
    etag TEXT NOT NULL,
    checksums TEXT NOT NULL,
    PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;
CREATE TABLE s3_uploads (
    upload_id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    initiated REAL NOT NULL,
    system TEXT NOT NULL,
    user TEXT NOT NULL,
    tags TEXT NOT NULL,
    checksum_algorithm TEXT NOT NULL,
    checksum_type TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE standing_end (
    trigger_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    run TEXT NOT NULL,
    PRIMARY KEY (trigger_name, kind, name)
) WITHOUT ROWID;
CREATE TABLE state_machine_definition (
    digest TEXT PRIMARY KEY,
    text TEXT NOT NULL
);
INSERT INTO "state_machine_definition" VALUES('bba099974b505f0774227ac3a6e27366927cf281e5cdc55d53d80f885a7b3f2c','{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}');
CREATE TABLE submission (
    id TEXT PRIMARY KEY,               -- the id of its first attempt
    job_name TEXT NOT NULL,
    workflow_run_id TEXT,
    seq INTEGER,
    trigger_name TEXT,
    spec TEXT NOT NULL,                -- JSON: the AttemptSpec
    settings TEXT NOT NULL,            -- JSON: command, arguments, capacity, ... as they were when submitted
    predecessors TEXT NOT NULL         -- JSON: PredecessorRuns
);
INSERT INTO "submission" VALUES('jr_b613897922db5e3b5cc85785e81839d437686a1f2bcfe8192d77c3739046097a','job','wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa',0,'go','{"max_retries": 0, "timeout_minutes": 2880, "notify_delay_after": null}','{"JobMode": "SCRIPT", "MaxCapacity": 0.0625, "dpus": null, "Arguments": {"--WORKFLOW_NAME": "flow", "--WORKFLOW_RUN_ID": "wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa"}, "Timeout": 2880, "LogGroupName": "/aws-glue/python-jobs"}','[]');
INSERT INTO "submission" VALUES('jr_d11ddb7115ad45142b75361ae9dc4ce1edd80c22c016234c577e2c9645d703c4','job',NULL,NULL,NULL,'{"max_retries": 0, "timeout_minutes": 2880, "notify_delay_after": null}','{"JobMode": "SCRIPT", "MaxCapacity": 0.0625, "dpus": null, "Arguments": {"--day": "d1"}, "Timeout": 2880, "LogGroupName": "/aws-glue/python-jobs"}','[]');
CREATE TABLE tag (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) WITHOUT ROWID;
INSERT INTO "tag" VALUES('arn:aws:glue:us-east-1:123456789012:job/job','team','data');
CREATE TABLE timer (
    subject TEXT NOT NULL,             -- a submission's id, trigger/NAME, crawler/NAME, window/WORKFLOW
    name TEXT NOT NULL,
    due REAL NOT NULL,
    PRIMARY KEY (subject, name)
) WITHOUT ROWID;
INSERT INTO "timer" VALUES('history','',1.79615419839157748225e+09);
INSERT INTO "timer" VALUES('trigger/nightly','schedule',1798772400.0);
INSERT INTO "timer" VALUES('crawler/crawler','schedule',1798776000.0);
CREATE TABLE workflow_run (
    run_id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    completed REAL,
    previous_run_id TEXT,
    error TEXT,
    triggers TEXT NOT NULL,            -- JSON: the triggers as frozen at the start
    body TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO "workflow_run" VALUES('wr_2ac383a018cb1cafe49a117b26717f8f8cdf714a1b9eb692a3e33fb7a14303aa','flow','COMPLETED',1796067809.43603,1.79606781062365150449e+09,NULL,NULL,'[{"Name": "go", "Type": "ON_DEMAND", "WorkflowName": "flow", "Actions": [{"JobName": "job"}], "State": "CREATED"}, {"Name": "next", "Type": "CONDITIONAL", "WorkflowName": "flow", "Predicate": {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "job", "State": "SUCCEEDED"}]}, "Actions": [{"CrawlerName": "crawler"}], "State": "ACTIVATED"}]','{}');
CREATE INDEX resource_by_parent ON resource (kind, parent);
CREATE INDEX blueprint_run_by_name ON blueprint_run (blueprint, started);
CREATE INDEX workflow_run_by_name ON workflow_run (workflow, started);
CREATE INDEX workflow_run_by_status ON workflow_run (status);
CREATE INDEX submission_by_invocation ON submission (workflow_run_id, seq);
CREATE INDEX job_run_by_job ON job_run (job_name, submitted);
CREATE INDEX job_run_by_submission ON job_run (submission_id);
CREATE INDEX job_run_active ON job_run (job_name, state)
    WHERE state IN ('WAITING', 'STARTING', 'RUNNING', 'STOPPING');
CREATE INDEX crawl_by_crawler ON crawl (crawler, started);
CREATE INDEX crawl_active ON crawl (crawler) WHERE state IN ('RUNNING', 'CANCELLING');
CREATE INDEX timer_by_due ON timer (due);
CREATE INDEX held_event_by_workflow ON held_event (workflow);
CREATE INDEX s3_uploads_of_bucket ON s3_uploads (bucket, key, upload_id);
CREATE INDEX event_target_by_arn ON event_target (arn);
CREATE INDEX job_bookmark_by_run ON job_bookmark (job_name, run_id);
CREATE INDEX quality_result_by_time ON quality_result (started, id);
CREATE INDEX quality_result_by_job ON quality_result (job_name, context, started);
CREATE INDEX quality_run_by_kind ON quality_run (kind, started, id);
CREATE INDEX quality_run_active ON quality_run (id)
    WHERE status IN ('STARTING', 'RUNNING', 'STOPPING');
CREATE INDEX execution_by_machine ON execution (machine, started, id);
CREATE INDEX execution_active ON execution (id) WHERE status = 'RUNNING';
CREATE INDEX execution_task_by_job_run ON execution_task (job_run);
CREATE INDEX athena_query_by_time ON athena_query (work_group, submitted, id);
CREATE INDEX athena_query_active ON athena_query (id) WHERE state IN ('QUEUED', 'RUNNING');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('owed',3);
COMMIT;
