#!/usr/bin/env node
// strong-soap plays the node against a station; what it does is in ../javascript/node.js.
'use strict';

const { promisify } = require('node:util');
const { soap } = require('strong-soap');
const node = require('../javascript/node.js');

async function connect(wsdl) {
  const client = await promisify(soap.createClient)(wsdl, { wsdl_options: { timeout: 30000 } });
  return (operation, body) => new Promise((resolve, reject) => {
    // Unlike node-soap it wants the payload's root named, else it sends the children bare.
    const root = client.wsdl.definitions.bindings.paForNodeBinding
      .operations[operation].input.message.parts.bodyrequest.element.$name;
    client[operation]({ [root]: body }, (error, answer) => (error ? reject(error) : resolve(answer)),
      { timeout: 30000 });
  });
}

node.main('strong-soap', connect);
