#!/usr/bin/env php
<?php
/**
 * PHP SoapClient plays the node against a station: verify, activate, receipt, verify again.
 *
 * stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
 */

declare(strict_types=1);

final class Lost extends RuntimeException
{
}

/** ext/soap warns where other stacks throw; a warning here is a failure. */
set_error_handler(static function (int $level, string $message): bool {
    throw new ErrorException($message, 0, $level);
});

function need(bool $condition, string $message): void
{
    if (!$condition) {
        throw new Lost($message);
    }
}

/** SoapClient never checks minOccurs: a lost element is simply not there. */
function mandatory(string $where, mixed $record, string ...$names): void
{
    need($record instanceof stdClass, "$where is missing");
    foreach ($names as $name) {
        need(isset($record->$name) && $record->$name !== '', "$where.$name is missing");
    }
}

function report(stdClass $record, string ...$names): array
{
    $out = [];
    foreach ($names as $name) {
        if (isset($record->$name)) {
            $out[$name] = $record->$name;
        }
    }
    return $out;
}

function metadata(stdClass $record): array
{
    $out = [];
    foreach ($record->metadata->mapEntry ?? [] as $entry) {
        $out[$entry->key] = $entry->value;
    }
    return $out === [] ? [] : ['metadata' => (object) $out];
}

/** Amounts stay strings in PHP (the type is decimal): count cents without floats. */
function cents(string $amount): int
{
    need(preg_match('/^\d+\.\d{2}$/', $amount) === 1, "amount '$amount' is not units.cents");
    return (int) str_replace('.', '', $amount);
}

function readVerify(mixed $answer): array
{
    mandatory('verify', $answer, 'outcome');
    need($answer->outcome === 'OK', 'verify answered ' . json_encode($answer));
    need(!isset($answer->fault), 'verify OK carries a fault');
    mandatory('verify', $answer, 'paymentList', 'paymentDescription', 'fiscalCodePA', 'companyName');
    $option = $answer->paymentList->paymentOptionDescription ?? null;
    mandatory('verify.paymentOptionDescription', $option, 'amount', 'options', 'allCCP');
    cents($option->amount);
    return report($answer, 'outcome', 'paymentDescription', 'fiscalCodePA', 'companyName', 'officeName')
        + report($option, 'amount', 'options', 'dueDate', 'detailDescription', 'allCCP');
}

function readTransfer(stdClass $t): array
{
    mandatory('transfer', $t, 'idTransfer', 'transferAmount', 'fiscalCodePA', 'remittanceInformation', 'transferCategory');
    need(
        isset($t->IBAN) !== isset($t->richiestaMarcaDaBollo),
        'transfer without exactly one of IBAN and bollo'
    );
    $row = report(
        $t,
        'idTransfer',
        'transferAmount',
        'fiscalCodePA',
        'companyName',
        'IBAN',
        'remittanceInformation',
        'transferCategory'
    );
    if (isset($t->richiestaMarcaDaBollo)) {
        $row['bollo'] = $t->richiestaMarcaDaBollo->tipoBollo;
    }
    return $row + metadata($t);
}

function readActivate(mixed $answer): array
{
    mandatory('activate', $answer, 'outcome');
    need($answer->outcome === 'OK', 'activate answered ' . json_encode($answer));
    need(!isset($answer->fault), 'activate OK carries a fault');
    mandatory('activate', $answer, 'data');
    $data = $answer->data;
    mandatory(
        'activate.data',
        $data,
        'creditorReferenceId',
        'paymentAmount',
        'dueDate',
        'description',
        'companyName',
        'debtor',
        'transferList'
    );
    mandatory('debtor', $data->debtor, 'uniqueIdentifier', 'fullName');
    $identifier = $data->debtor->uniqueIdentifier;
    mandatory('debtor.uniqueIdentifier', $identifier, 'entityUniqueIdentifierType', 'entityUniqueIdentifierValue');

    $transfers = $data->transferList->transfer ?? [];
    need($transfers !== [], 'no transfer was read');
    $sum = array_sum(array_map(static fn(stdClass $t): int => cents($t->transferAmount ?? ''), $transfers));
    need($sum === cents($data->paymentAmount), "transfers sum to $sum cents, paymentAmount is {$data->paymentAmount}");

    $debtor = ['type' => $identifier->entityUniqueIdentifierType, 'value' => $identifier->entityUniqueIdentifierValue];
    foreach (get_object_vars($data->debtor) as $name => $value) {
        if ($name !== 'uniqueIdentifier') {
            $debtor[$name] = $value;
        }
    }
    return ['outcome' => $answer->outcome]
        + report(
            $data,
            'creditorReferenceId',
            'paymentAmount',
            'dueDate',
            'lastPayment',
            'description',
            'companyName',
            'officeName'
        )
        + ['debtor' => $debtor, 'transfers' => array_map(readTransfer(...), $transfers)]
        + metadata($data);
}

/** The receipt the node would send: the activation echoed, plus the PSP's part. */
function buildReceipt(array $o, stdClass $data): array
{
    $transfers = [];
    foreach ($data->transferList->transfer as $transfer) {
        $t = (array) $transfer;
        if (isset($t['richiestaMarcaDaBollo'])) {
            unset($t['richiestaMarcaDaBollo']);
            $t['MBDAttachment'] = '<marcaDaBollo/>'; // SoapClient encodes base64 itself
        }
        $transfers[] = $t;
    }
    $receipt = [
        'receiptId' => $o['receipt-id'],
        'noticeNumber' => $o['nav'],
        'fiscalCode' => $o['ec'],
        'outcome' => 'OK',
        'transferList' => ['transfer' => $transfers],
        'idPSP' => 'INTEROPPSP',
        'pspFiscalCode' => '11111111111',
        'pspPartitaIVA' => '11111111111',
        'PSPCompanyName' => 'Banca Interop php',
        'idChannel' => '11111111111_01',
        'channelDescription' => 'interop',
        // A copy: SoapClient writes one PHP object used twice as id/href, even in
        // literal style, and no schema allows those attributes.
        'payer' => unserialize(serialize($data->debtor)),
        'paymentMethod' => 'creditCard',
        'fee' => '1.50',
        'paymentDateTime' => date('Y-m-d\TH:i:s'), // no offset: PHP callers usually write none
        'applicationDate' => date('Y-m-d'),
        'transferDate' => date('Y-m-d'),
        'standIn' => false,
    ];
    foreach (['creditorReferenceId', 'paymentAmount', 'description', 'companyName', 'officeName', 'debtor', 'metadata'] as $name) {
        if (isset($data->$name)) {
            $receipt[$name] = $data->$name;
        }
    }
    if ($o['version'] === '2') {
        $receipt += [
            'paymentNote' => 'interop',
            'primaryCiIncurredFee' => '0.10',
            'idBundle' => 'bundle',
            'idCiBundle' => 'ci-bundle',
        ];
    }
    return $receipt;
}

function run(array $o): array
{
    $client = new SoapClient($o['wsdl'], [
        'exceptions' => true,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'connection_timeout' => 30,
        // Without it one transfer is an object and two are an array.
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
    [$get, $send] = $o['version'] === '2' ? ['paGetPaymentV2', 'paSendRTV2'] : ['paGetPayment', 'paSendRT'];
    $party = ['idPA' => $o['ec'], 'idBrokerPA' => $o['broker'], 'idStation' => $o['station']];
    $notice = $party + ['qrCode' => ['fiscalCode' => $o['ec'], 'noticeNumber' => $o['nav']]];

    $verify = readVerify($client->paVerifyPaymentNotice($notice));
    $answer = $client->$get($notice + ['amount' => $verify['amount'], 'paymentNote' => 'interop']);
    $activate = readActivate($answer);

    $sent = $client->$send($party + ['receipt' => buildReceipt($o, $answer->data)]);
    mandatory('receipt', $sent, 'outcome');
    need($sent->outcome === 'OK', 'receipt answered ' . json_encode($sent));

    $again = $client->paVerifyPaymentNotice($notice);
    mandatory('verifyAgain', $again, 'outcome', 'fault');
    mandatory('verifyAgain.fault', $again->fault, 'faultCode', 'faultString', 'id');
    need(
        $again->outcome === 'KO' && $again->fault->faultCode === 'PAA_PAGAMENTO_DUPLICATO',
        'second verify answered ' . json_encode($again)
    );
    return [
        'client' => 'php',
        'version' => (int) $o['version'],
        'verify' => $verify,
        'activate' => $activate,
        'receipt' => ['outcome' => $sent->outcome],
        'verifyAgain' => ['outcome' => $again->outcome]
            + report($again->fault, 'faultCode', 'faultString', 'id', 'description'),
    ];
}

ini_set('default_socket_timeout', '30');
try {
    $flags = ['wsdl', 'ec', 'broker', 'station', 'nav', 'receipt-id', 'version'];
    $options = getopt('', array_map(static fn(string $f): string => "$f:", $flags));
    foreach ($flags as $flag) {
        need(is_string($options[$flag] ?? null), "--$flag is required");
    }
    need(in_array($options['version'], ['1', '2'], true), '--version is 1 or 2');
    $line = json_encode(run($options), JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
} catch (Throwable $error) {
    fwrite(STDERR, 'php: ' . $error::class . ': ' . $error->getMessage() . "\n");
    exit(1);
}
echo $line, "\n";
