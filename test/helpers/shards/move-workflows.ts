/** What the stream of a workflow reads and writes, as Vitess 24 answers it for what `shards move` creates. */
export const carrying = (
  from: string,
  key: string,
  changes: { readonly match?: string; readonly columns?: string } = {},
) => {
  const { match = 'contacts', columns = 'id, wxid, instance_id' } = changes
  const range = "in_keyrange(instance_id, 'contact_db.by_instance', '-80')"
  const filter = `select ${columns} from ${from} where ${range} and instance_id = ${key}`
  return { keyspace: 'mysql', filter: { rules: [{ match, filter }] } }
}
