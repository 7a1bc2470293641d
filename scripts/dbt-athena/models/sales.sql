{{ config(materialized='table', format='parquet', partitioned_by=['sold']) }}
select id, name, cast(price as decimal(10, 2)) as price, sold from {{ ref('raw_sales') }}
