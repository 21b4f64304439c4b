import { schemas, systemUser } from './names.ts';

/**
 * The schemas, in Nova's order, and its two cells. What a cell's record says of database and broker is a template that
 * Nova fills from its own configuration: no password is stored, and a new one, another VIP or another list of brokers
 * needs no change of the record (nova's documentation, "Template URLs in Cell Mappings"). A cell that is there stays.
 */
export const makeSchemas = `manage() { runuser -u ${systemUser} -- nova-manage "$@"; }
manage api_db sync
manage cell_v2 map_cell0 --database_connection '{scheme}://{username}:{password}@{hostname}:{port}/${schemas.cell0}?{query}'
cells=$(manage cell_v2 list_cells)
case $cells in
  *' cell1 '*) ;;
  *)
    manage cell_v2 create_cell --name cell1 \\
      --database_connection '{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}' \\
      --transport-url '{scheme}://{username}:{password}@{hostname}:{port}/{path}'
    ;;
esac
manage db sync`;
