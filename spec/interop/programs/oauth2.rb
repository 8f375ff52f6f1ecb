# ruby-oauth2 as it is without options: the secret goes in the body.
require 'digest'
require 'json'
require 'oauth2'

issuer, redirect_uri = ARGV
verifier = 'a-verifier-of-a-program-in-ruby-a-verifier-of-a-program-in-ruby'
challenge = [Digest::SHA256.digest(verifier)].pack('m0').tr('+/', '-_').delete('=')
client = OAuth2::Client.new('web-post', 'demo-secret-of-web-post', site: issuer, authorize_url: '/authorize')

# Sends the browser of the user to an address, and returns where it came back.
def visit(url)
  puts "visit #{url}"
  $stdout.flush
  URI($stdin.gets.strip)
end

login = lambda do |code_verifier|
  url = client.auth_code.authorize_url(
    redirect_uri: redirect_uri,
    scope: 'openid profile offline_access read:notes',
    state: 'a state',
    code_challenge: challenge,
    code_challenge_method: 'S256'
  )
  code = URI.decode_www_form(visit(url).query).to_h['code']
  client.auth_code.get_token(code, redirect_uri: redirect_uri, code_verifier: code_verifier)
end

token = login.call(verifier)
result = { login: token.token, refresh: token.refresh!.token }
begin
  login.call('another-verifier-another-verifier-another-verifier')
rescue OAuth2::Error => e
  result[:refusal] = e.message
end
puts JSON.generate(result)
