// Replaces the entry of mysql2 in the bundle: its pools, servers and promises are never used here, and cost every start.
exports.createConnection = require('../../node_modules/mysql2/lib/create_connection.js')
exports.authPlugins = require('../../node_modules/mysql2/lib/auth_plugins/index.js')
