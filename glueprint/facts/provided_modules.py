"""The Python packages that AWS documents as provided, with their versions, by GlueVersion and library set.

Sources: DG:aws-glue-programming-python-libraries ("Python modules already provided in AWS Glue": 5.1, 5.0, 4.0);
DG:migrating-version-60 (appendix A: three packages of 6.0; the stored copies of the other page do not list 6.0);
DG:release-notes (Spark); DG:add-job-python ("Supported libraries").
"""

from __future__ import annotations

from collections.abc import Mapping

Packages = Mapping[str, str]
"""Version by name of the distribution."""


def _packages(text: str) -> Packages:
    return dict(one.split("==", 1) for one in text.split())


SPARK_RELEASES: Mapping[str, str] = {"6.0": "4.1.1", "5.1": "3.5.6", "5.0": "3.5.4", "4.0": "3.3.0"}
"""Spark by GlueVersion."""
SPARK_PACKAGES: Mapping[str, Packages] = {
    "6.0": _packages("boto3==1.42.84 numpy==2.4.4 pandas==2.3.3"),
    "5.1": _packages(
        """
        aiobotocore==2.25.1 aiohappyeyeballs==2.6.1 aiohttp==3.13.2 aioitertools==0.12.0 aiosignal==1.4.0
        appdirs==1.4.4 attrs==25.4.0 boto3==1.40.61 botocore==1.40.61 certifi==2025.10.5
        charset-normalizer==3.4.4 choreographer==1.2.0 contourpy==1.3.3 cycler==0.12.1 distlib==0.4.0
        filelock==3.20.0 fonttools==4.60.1 frozenlist==1.8.0 fsspec==2025.10.0 idna==3.11 iniconfig==2.3.0
        jmespath==1.0.1 kaleido==1.2.0 kiwisolver==1.4.9 logistro==2.0.1 matplotlib==3.10.7 multidict==6.7.0
        narwhals==2.10.2 numpy==2.3.4 orjson==3.11.4 packaging==25.0 pandas==2.3.3 pillow==12.0.0 pip==24.0
        platformdirs==4.5.0 plotly==6.4.0 pluggy==1.6.0 propcache==0.4.1 pyarrow==22.0.0 pygments==2.19.2
        pyparsing==3.2.5 pytest-timeout==2.4.0 pytest==8.4.2 python-dateutil==2.9.0.post0 pytz==2025.2
        requests==2.32.5 s3fs==2025.10.0 s3transfer==0.14.0 seaborn==0.13.2 setuptools==79.0.1
        simplejson==3.20.2 six==1.17.0 tenacity==9.1.2 typing-extensions==4.15.0 tzdata==2025.2 urllib3==2.5.0
        uv==0.9.7 virtualenv==20.35.4 wrapt==1.17.3 yarl==1.22.0
        """
    ),
    "5.0": _packages(
        """
        aiobotocore==2.13.1 aiohappyeyeballs==2.3.5 aiohttp==3.10.1 aioitertools==0.11.0 aiosignal==1.3.1
        appdirs==1.4.4 attrs==24.2.0 boto3==1.34.131 botocore==1.34.131 certifi==2024.7.4
        charset-normalizer==3.3.2 contourpy==1.2.1 cycler==0.12.1 fonttools==4.53.1 frozenlist==1.4.1
        fsspec==2024.6.1 idna==2.10 jmespath==0.10.0 kaleido==0.2.1 kiwisolver==1.4.5 matplotlib==3.9.0
        multidict==6.0.5 numpy==1.26.4 packaging==24.1 pandas==2.2.2 pillow==10.4.0 pip==23.0.1 plotly==5.23.0
        pyarrow==17.0.0 pyparsing==3.1.2 python-dateutil==2.9.0.post0 pytz==2024.1 requests==2.32.2
        s3fs==2024.6.1 s3transfer==0.10.2 seaborn==0.13.2 setuptools==59.6.0 six==1.16.0 tenacity==9.0.0
        tzdata==2024.1 urllib3==1.25.10 virtualenv==20.4.0 wrapt==1.16.0 yarl==1.9.4
        """
    ),
    "4.0": _packages(
        """
        aiobotocore==2.4.1 aiohttp==3.8.3 aioitertools==0.11.0 aiosignal==1.3.1 async-timeout==4.0.2
        asynctest==0.13.0 attrs==22.2.0 avro-python3==1.10.2 boto3==1.24.70 botocore==1.27.59 certifi==2021.5.30
        chardet==3.0.4 charset-normalizer==2.1.1 click==8.1.3 cycler==0.10.0 cython==0.29.32 fsspec==2021.8.1
        idna==2.10 importlib-metadata==5.0.0 jmespath==0.10.0 joblib==1.0.1 kaleido==0.2.1 kiwisolver==1.4.4
        matplotlib==3.4.3 mpmath==1.2.1 multidict==6.0.4 nltk==3.7 numpy==1.23.5 packaging==23.0 pandas==1.5.1
        patsy==0.5.1 pillow==9.4.0 pip==23.0.1 plotly==5.16.0 pmdarima==2.0.1 ptvsd==4.3.2 pyarrow==10.0.0
        pydevd==2.5.0 pyhocon==0.3.58 pymysql==1.0.2 pyparsing==2.4.7 python-dateutil==2.8.2 pytz==2021.1
        pyyaml==6.0.1 regex==2022.10.31 requests==2.23.0 s3fs==2022.11.0 s3transfer==0.6.0 scikit-learn==1.1.3
        scipy==1.9.3 setuptools==49.1.3 six==1.16.0 statsmodels==0.13.5 subprocess32==3.5.4 sympy==1.8
        tbats==1.1.0 threadpoolctl==3.1.0 tqdm==4.64.1 typing-extensions==4.4.0 urllib3==1.25.11 wheel==0.37.0
        wrapt==1.14.1 yarl==1.8.2 zipp==3.10.0
        """
    ),
}
"""Packages of Spark jobs by GlueVersion. Of 6.0, only those that the migration guide names."""
LIBRARY_SETS: Mapping[str, Packages] = {
    "analytics": _packages(
        """
        avro==1.11.0 awscli==1.23.5 awswrangler==2.15.1 boto3==1.21.21 botocore==1.24.21 elasticsearch==8.2.0
        numpy==1.22.3 pandas==1.4.2 psycopg2==2.9.3 pyathena==2.5.3 PyMySQL==1.0.2 pyodbc==4.0.32 pyorc==0.6.0
        redshift-connector==2.0.907 requests==2.27.1 s3fs==2022.3.0 scikit-learn==1.0.2 scipy==1.8.0
        SQLAlchemy==1.4.36
        """
    ),
    "none": _packages("awscli==1.23.5 botocore==1.23.5"),
}
"""Packages of Python shell jobs (Python 3.9) by library set."""
