-- Parcels of land (宗地、地块), one row each.
SELECT
    parcel.id,
    parcel.grid_code,
    parcel.geom,
    parcel.geom_web,
    parcel.code,
    parcel.kind,
    parcel.land_use,
    ROUND((parcel.area_m2 * 3 / 2000)::numeric, 2)::double precision AS area_mu
FROM land.parcels AS parcel
