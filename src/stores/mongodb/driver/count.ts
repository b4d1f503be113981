import { assertNever } from '../../../core/tool-error.ts'
import type { CountQuestion } from '../observation.ts'
import type { Clients } from './clients.ts'
import { serverDocument } from './documents.ts'

/** Counts what a change would concern. Reads the whole collection where no index helps. */
export async function countConcerned(clients: Clients, address: string, question: CountQuestion): Promise<number> {
  const collection = clients.database(address, question.database).collection(question.collection)
  switch (question.type) {
    case 'violations':
      return collection.countDocuments({ $nor: [{ $jsonSchema: serverDocument(question.validator.schema) }] })
    case 'expiring': {
      // As the server's own TTL monitor asks; what holds no date never expires.
      const expired = { [question.field]: { $lt: new Date(Date.now() - question.seconds * 1000) } }
      return collection.countDocuments(
        question.filter === null ? expired : { $and: [serverDocument(question.filter), expired] },
      )
    }
    case 'duplicates': {
      const values = Object.fromEntries(
        question.fields.map((field, at) => [`field${at}`, { $ifNull: [`$${field}`, null] }]),
      )
      const present = { $or: question.fields.map((field) => ({ [field]: { $exists: true } })) }
      const [answer] = await collection
        .aggregate(
          [
            {
              $match: {
                $and: [question.filter === null ? {} : serverDocument(question.filter), question.sparse ? present : {}],
              },
            },
            { $group: { _id: values, count: { $sum: 1 } } },
            { $match: { count: { $gt: 1 } } },
            { $count: 'count' },
          ],
          { allowDiskUse: true },
        )
        .toArray()
      return Number(answer?.['count'] ?? 0)
    }
    default:
      return assertNever(question)
  }
}
