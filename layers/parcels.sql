-- Parcels of land (宗地、地块), one row each.
SELECT
    parcel.id,
    parcel.grid_code,
    parcel.geom,
    parcel.geom_web,
    parcel.code,
    parcel.kind,
    parcel.land_use,
    land_use.name AS land_use_name,
    ROUND((parcel.area_m2 * 3 / 2000)::numeric, 2)::double precision AS area_mu
FROM land.parcels AS parcel
LEFT JOIN land.uses AS land_use
    ON
        parcel.land_use_edition = land_use.edition
        AND parcel.land_use = land_use.code
