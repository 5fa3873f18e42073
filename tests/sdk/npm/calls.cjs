// Calls by the official SDK for Node. In: {port, token or client: [id, secret], calls: [[class, method, ...arguments]]}.
// Out: of each call the body that came back, or status, code and message of its refusal.
const platform = require("purecloud-platform-client-v2");

async function main() {
  const told = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const client = platform.ApiClient.instance;
  client.setGateway({ host: "127.0.0.1", protocol: "http", port: told.port });
  if (told.client) await client.loginClientCredentialsGrant(...told.client);
  else client.setAccessToken(told.token);
  const answers = [];
  for (const [api, method, ...given] of told.calls) {
    try {
      answers.push({ body: await new platform[api]()[method](...given) });
    } catch (refusal) {
      answers.push({ status: refusal.status, code: refusal.code, message: refusal.message || String(refusal) });
    }
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0)); // it watches a file of settings for ever
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
