"""Glue's special job parameters: what each one asks for, and what of it is done here.

From arguments, and files that were fetched already, to decisions. ``special`` is the table of them all, which the
documents are made from; ``merging`` who wins; ``fetching`` what has to come from S3 first; ``python_files``,
``python_modules``, ``extra_files``, ``jars``, ``spark_conf``, ``library_set``, ``temp_dir`` one idea each;
``refusals`` gathers what is wrong, all at once. Sources, all in the AWS Glue guide: "Using job parameters in
AWS Glue jobs"
(DG:aws-glue-programming-etl-glue-arguments in what follows), "Configuring job properties for Python shell jobs"
(DG:add-job-python), "Using Python libraries with AWS Glue" (DG:aws-glue-programming-python-libraries).
"""
