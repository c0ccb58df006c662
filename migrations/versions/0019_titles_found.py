"""The words of titles in an index of their own, and a search that is planned once, on PostgreSQL"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CREATE_TITLES = """CREATE INDEX search_index_titles ON search_text USING gin (ts_filter(words, '{a}'::"char"[]))"""
CREATE_FUNCTION = """CREATE FUNCTION search_pages(
    asked tsquery, programmes integer[], numbers integer[], hidden text, most integer, most_ranked integer
) RETURNS TABLE (page_id integer, variant varchar, role varchar, title varchar, project varchar, said text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    in_titles integer;
BEGIN
    RETURN QUERY WITH places AS MATERIALIZED (
        SELECT * FROM unnest(programmes, numbers) AS given (programme_id, number)
    ), found AS MATERIALIZED (
        SELECT few.*, CASE WHEN count(*) OVER () > most_ranked THEN 0 ELSE -ts_rank(words, asked) END AS rank
        FROM (
            SELECT shown.*, search_text.words
            FROM search_text CROSS JOIN LATERAL (SELECT version.page_id, version.variant, version.role, version.title, version.rendered_hash,
    project.title AS project FROM page_version version
    JOIN page ON page.id = version.page_id
    LEFT JOIN project_version project ON project.project_id = page.project_id
    JOIN places place ON place.programme_id = coalesce(page.programme_id, project.programme_id)
        AND version.since <= place.number AND coalesce(version.until, place.number) >= place.number
        AND (project.id IS NULL OR project.since <= place.number)
        AND (project.id IS NULL OR coalesce(project.until, place.number) >= place.number)
    WHERE version.rendered_hash = search_text.hash AND version.role <> hidden OFFSET 0) shown
            WHERE ts_filter(words, '{a}'::"char"[]) @@ asked LIMIT most_ranked + 1
        ) few
    ) SELECT best.page_id, variant, role, title, project, rendered.text AS said
    FROM (
        SELECT * FROM (
            SELECT found.*, row_number() OVER (PARTITION BY page_id ORDER BY variant, rank) AS turn FROM found
        ) each_page
        WHERE turn = 1 ORDER BY rank, page_id LIMIT most
    ) best
    JOIN rendered ON rendered.hash = best.rendered_hash
    ORDER BY rank, best.page_id;
    GET DIAGNOSTICS in_titles = ROW_COUNT;
    IF in_titles < most THEN
        RETURN QUERY WITH places AS MATERIALIZED (
        SELECT * FROM unnest(programmes, numbers) AS given (programme_id, number)
    ), found AS MATERIALIZED (
        SELECT few.*, CASE WHEN count(*) OVER () > most_ranked THEN 0 ELSE -ts_rank(words, asked) END AS rank
        FROM (
            SELECT shown.*, search_text.words
            FROM search_text CROSS JOIN LATERAL (SELECT version.page_id, version.variant, version.role, version.title, version.rendered_hash,
    project.title AS project FROM page_version version
    JOIN page ON page.id = version.page_id
    LEFT JOIN project_version project ON project.project_id = page.project_id
    JOIN places place ON place.programme_id = coalesce(page.programme_id, project.programme_id)
        AND version.since <= place.number AND coalesce(version.until, place.number) >= place.number
        AND (project.id IS NULL OR project.since <= place.number)
        AND (project.id IS NULL OR coalesce(project.until, place.number) >= place.number)
    WHERE version.rendered_hash = search_text.hash AND version.role <> hidden OFFSET 0) shown
            WHERE words @@ asked LIMIT most_ranked + 1
        ) few
    ) SELECT best.page_id, variant, role, title, project, rendered.text AS said
    FROM (
        SELECT * FROM (
            SELECT found.*, row_number() OVER (PARTITION BY page_id ORDER BY variant, rank) AS turn FROM found
        ) each_page
        WHERE turn = 1 ORDER BY rank, page_id LIMIT most + in_titles
    ) best
    JOIN rendered ON rendered.hash = best.rendered_hash
    ORDER BY rank, best.page_id;
    END IF;
END $$"""


def upgrade():
    """The index reads the rows as they are, and follows those that the former version adds."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(CREATE_TITLES)
        op.execute(CREATE_FUNCTION)


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION search_pages")
        op.execute("DROP INDEX search_index_titles")
