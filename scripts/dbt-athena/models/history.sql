{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['sold'], format='parquet') }}
select id, sold from {{ ref('sales') }}
{% if is_incremental() %} where sold >= (select max(sold) from {{ this }}) {% endif %}
