#!/usr/bin/env node
// node-soap plays the node against a station; what it does is in ../javascript/node.js.
'use strict';

const soap = require('soap');
const node = require('../javascript/node.js');

async function connect(wsdl) {
  const client = await soap.createClientAsync(wsdl, {
    disableCache: true,
    wsdl_options: { timeout: 30000 },
  });
  return async (operation, body) => (await client[`${operation}Async`](body, { timeout: 30000 }))[0];
}

node.main('node-soap', connect);
