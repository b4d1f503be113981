/** Orders of customers. `pool` is a pool of mysql2/promise. */
export function createOrders(pool) {
  return {
    async addCustomer(name) {
      const [{ insertId }] = await pool.query('INSERT INTO customers (name) VALUES (?)', [name])
      return insertId
    },
    async place(customerId, cents) {
      const [{ insertId }] = await pool.query('INSERT INTO orders (customer_id, cents) VALUES (?, ?)', [
        customerId,
        cents,
      ])
      return insertId
    },
    async total(customerId) {
      const [[row]] = await pool.query('SELECT COALESCE(SUM(cents), 0) AS cents FROM orders WHERE customer_id = ?', [
        customerId,
      ])
      return Number(row.cents)
    },
    async countCustomers() {
      const [[row]] = await pool.query('SELECT COUNT(*) AS count FROM customers')
      return Number(row.count)
    },
  }
}
