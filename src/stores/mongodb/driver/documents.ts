import { BSON, type Document } from 'mongodb'
import type { JsonObject } from '../json.ts'

/** What the server gave, as plain JSON: dates and the like as relaxed extended JSON. */
export function plainDocument(document: unknown): JsonObject {
  return BSON.EJSON.serialize(document, { relaxed: true }) as JsonObject
}

/** The way back: `{ "$date": "..." }` becomes a date. */
export function serverDocument(document: JsonObject): Document {
  return BSON.EJSON.deserialize({ ...document }, { relaxed: true })
}
