{{ config(materialized='view') }}
select name, sum(price) as total, count(*) as sales from {{ ref('sales') }} group by name
