/*
 * The node's part of a payment, for the JavaScript stacks: verify, activate, receipt, verify again.
 *
 * Each stack's client.js brings `connect`, which gives `call(operation, body)`: the body as a plain
 * object in, the answer as one out.
 *
 * stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
 */
'use strict';

const { parseArgs } = require('node:util');

const FLAGS = ['wsdl', 'ec', 'broker', 'station', 'nav', 'receipt-id', 'version'];

/** An answer that the stack accepted although it does not say what it must. */
class Lost extends Error {
  name = 'Lost';
}

function need(condition, message) {
  if (!condition) throw new Lost(message);
}

// Neither stack checks minOccurs: a lost element is simply undefined.
function mandatory(where, record, ...names) {
  need(record !== null && typeof record === 'object', `${where} is missing`);
  for (const name of names) {
    need(![undefined, null, ''].includes(record[name]), `${where}.${name} is missing`);
  }
}

function report(record, ...names) {
  return Object.fromEntries(names.filter((n) => record[n] !== undefined).map((n) => [n, record[n]]));
}

// A repeatable element that occurs once may come as a bare object.
const list = (value) => (value === undefined || value === null ? [] : [].concat(value));

function metadata(record) {
  const entries = list(record.metadata?.mapEntry);
  return entries.length ? { metadata: Object.fromEntries(entries.map((e) => [e.key, e.value])) } : {};
}

// Amounts are restricted decimals, which the stacks leave as text: count cents without floats.
function cents(amount) {
  need(/^\d+\.\d{2}$/.test(amount), `amount '${amount}' is not units.cents`);
  return Number(amount.replace('.', ''));
}

function readVerify(answer) {
  mandatory('verify', answer, 'outcome');
  need(answer.outcome === 'OK', `verify answered ${JSON.stringify(answer)}`);
  need(answer.fault === undefined, 'verify OK carries a fault');
  mandatory('verify', answer, 'paymentList', 'paymentDescription', 'fiscalCodePA', 'companyName');
  const options = list(answer.paymentList.paymentOptionDescription);
  need(options.length === 1, `${options.length} payment options`);
  const [option] = options;
  mandatory('verify.paymentOptionDescription', option, 'amount', 'options', 'allCCP');
  cents(option.amount);
  return {
    ...report(answer, 'outcome', 'paymentDescription', 'fiscalCodePA', 'companyName', 'officeName'),
    ...report(option, 'amount', 'options', 'dueDate', 'detailDescription', 'allCCP'),
  };
}

function readTransfer(t) {
  mandatory('transfer', t, 'idTransfer', 'transferAmount', 'fiscalCodePA', 'remittanceInformation', 'transferCategory');
  need(
    (t.IBAN === undefined) !== (t.richiestaMarcaDaBollo === undefined),
    'transfer without exactly one of IBAN and bollo',
  );
  return {
    ...report(t, 'transferAmount', 'fiscalCodePA', 'companyName', 'IBAN', 'remittanceInformation', 'transferCategory'),
    idTransfer: Number(t.idTransfer), // an enumerated int comes as text
    ...(t.richiestaMarcaDaBollo ? { bollo: t.richiestaMarcaDaBollo.tipoBollo } : {}),
    ...metadata(t),
  };
}

function readActivate(answer) {
  mandatory('activate', answer, 'outcome');
  need(answer.outcome === 'OK', `activate answered ${JSON.stringify(answer)}`);
  need(answer.fault === undefined, 'activate OK carries a fault');
  mandatory('activate', answer, 'data');
  const { data } = answer;
  mandatory('activate.data', data, 'creditorReferenceId', 'paymentAmount', 'dueDate', 'description',
    'companyName', 'debtor', 'transferList');
  mandatory('debtor', data.debtor, 'uniqueIdentifier', 'fullName');
  const { uniqueIdentifier, ...person } = data.debtor;
  mandatory('debtor.uniqueIdentifier', uniqueIdentifier, 'entityUniqueIdentifierType', 'entityUniqueIdentifierValue');

  const transfers = list(data.transferList.transfer);
  need(transfers.length > 0, 'no transfer was read');
  const sum = transfers.reduce((total, t) => total + cents(t.transferAmount), 0);
  need(sum === cents(data.paymentAmount), `transfers sum to ${sum} cents, paymentAmount is ${data.paymentAmount}`);
  return {
    outcome: answer.outcome,
    ...report(data, 'creditorReferenceId', 'paymentAmount', 'dueDate', 'lastPayment', 'description',
      'companyName', 'officeName'),
    debtor: {
      type: uniqueIdentifier.entityUniqueIdentifierType,
      value: uniqueIdentifier.entityUniqueIdentifierValue,
      ...person,
    },
    transfers: transfers.map(readTransfer),
    ...metadata(data),
  };
}

// The receipt the node would send: the activation echoed, plus the PSP's part.
// node-soap writes the keys in the order given, so this order is the schema's order.
function buildReceipt(name, o, data) {
  const v2 = o.version === '2';
  const now = new Date().toISOString();
  const transfer = list(data.transferList.transfer).map((t) => {
    const { idTransfer, transferAmount, fiscalCodePA, companyName, IBAN, ...rest } = t;
    const { richiestaMarcaDaBollo, ...tail } = rest;
    const account = IBAN === undefined
      ? { MBDAttachment: Buffer.from('<marcaDaBollo/>').toString('base64') }
      : { IBAN };
    return { ...report({ idTransfer, transferAmount, fiscalCodePA, companyName },
      'idTransfer', 'transferAmount', 'fiscalCodePA', 'companyName'), ...account, ...tail };
  });
  return {
    receiptId: o['receipt-id'],
    noticeNumber: o.nav,
    fiscalCode: o.ec,
    outcome: 'OK',
    ...report(data, 'creditorReferenceId', 'paymentAmount', 'description', 'companyName', 'officeName', 'debtor'),
    transferList: { transfer },
    idPSP: 'INTEROPPSP',
    pspFiscalCode: '11111111111',
    pspPartitaIVA: '11111111111',
    PSPCompanyName: `Banca Interop ${name}`,
    idChannel: '11111111111_01',
    channelDescription: 'interop',
    payer: data.debtor,
    paymentMethod: 'creditCard',
    ...(v2 ? { paymentNote: 'interop' } : {}),
    fee: '1.50',
    ...(v2 ? { primaryCiIncurredFee: '0.10', idBundle: 'bundle', idCiBundle: 'ci-bundle' } : {}),
    paymentDateTime: now,
    applicationDate: now.slice(0, 10),
    transferDate: now.slice(0, 10),
    ...report(data, 'metadata'),
    standIn: false,
  };
}

async function pay(name, call, o) {
  const [get, send] = o.version === '2' ? ['paGetPaymentV2', 'paSendRTV2'] : ['paGetPayment', 'paSendRT'];
  const party = { idPA: o.ec, idBrokerPA: o.broker, idStation: o.station };
  const notice = { ...party, qrCode: { fiscalCode: o.ec, noticeNumber: o.nav } };

  const verify = readVerify(await call('paVerifyPaymentNotice', notice));
  const answer = await call(get, { ...notice, amount: verify.amount, paymentNote: 'interop' });
  const activate = readActivate(answer);

  const sent = await call(send, { ...party, receipt: buildReceipt(name, o, answer.data) });
  mandatory('receipt', sent, 'outcome');
  need(sent.outcome === 'OK', `receipt answered ${JSON.stringify(sent)}`);

  const again = await call('paVerifyPaymentNotice', notice);
  mandatory('verifyAgain', again, 'outcome', 'fault');
  mandatory('verifyAgain.fault', again.fault, 'faultCode', 'faultString', 'id');
  need(
    again.outcome === 'KO' && again.fault.faultCode === 'PAA_PAGAMENTO_DUPLICATO',
    `second verify answered ${JSON.stringify(again)}`,
  );
  return {
    client: name,
    version: Number(o.version),
    verify,
    activate,
    receipt: { outcome: sent.outcome },
    verifyAgain: {
      outcome: again.outcome,
      ...report(again.fault, 'faultCode', 'faultString', 'id', 'description'),
    },
  };
}

async function line(name, connect) {
  const { values } = parseArgs({
    options: Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' }])),
  });
  for (const flag of FLAGS) need(values[flag] !== undefined, `--${flag} is required`);
  need(['1', '2'].includes(values.version), '--version is 1 or 2');
  return JSON.stringify(await pay(name, await connect(values.wsdl), values));
}

exports.main = (name, connect) => line(name, connect).then(
  (text) => process.stdout.write(`${text}\n`),
  (error) => {
    // The stacks may append the whole envelope to the message: one line is enough to act on.
    process.stderr.write(`${name}: ${error.name}: ${String(error.message).split('\n')[0]}\n`);
    process.exitCode = 1;
  },
);
