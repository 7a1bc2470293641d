{{ config(materialized='incremental', incremental_strategy='append', format='parquet') }}
select id, name from {{ ref('sales') }}
