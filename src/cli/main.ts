#!/usr/bin/env node
process.stdout.write('kube-x509-authn\n');
