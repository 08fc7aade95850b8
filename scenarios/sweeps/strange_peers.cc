#include "scenarios/sweeps/strange_peers.h"

#include <array>

namespace jitrig {
namespace {

using namespace std::string_view_literals;
using Manner = StrangePeer::Manner;

/// A ClientHello of TLS 1.2 with one cipher and no extension.
constexpr std::string_view kTlsHello =
    "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03"
    "0123456789abcdef0123456789abcdef"
    "\x00\x00\x02\x00\x2f\x01\x00"sv;

constexpr std::array kPeers{
    StrangePeer{"http_get", "a browser", "GET / HTTP/1.1\r\nHost: localhost:38400\r\n\r\n"},
    StrangePeer{"http_get_and_close", "a health check that does not wait", "GET /health HTTP/1.0\r\n\r\n",
                Manner::closes},
    StrangePeer{"http_head", "a load balancer", "HEAD / HTTP/1.0\r\n\r\n"},
    StrangePeer{"prometheus_scrape", "a Prometheus that has the wrong port",
                "GET /metrics HTTP/1.1\r\nHost: jitserver:38400\r\nUser-Agent: Prometheus/2.45.0\r\n"
                "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n"
                "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"},
    StrangePeer{"http_response", "a web server", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
                Manner::closes, false},
    StrangePeer{"http2_preface", "a gRPC client", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"sv},
    StrangePeer{"tls_hello", "a TLS client", kTlsHello},
    StrangePeer{"tls_hello_and_close", "a TLS probe", kTlsHello, Manner::closes},
    StrangePeer{"half_tls_hello", "a TLS client that stops in its hello", kTlsHello.substr(0, 20)},
    StrangePeer{"tls_alert", "a TLS server that refuses", "\x15\x03\x03\x00\x02\x02\x28"sv, Manner::closes,
                false},
    StrangePeer{"proxy_header_1", "a proxy that announces whom it speaks for",
                "PROXY TCP4 10.0.0.1 10.0.0.2 51034 38400\r\n"},
    StrangePeer{"proxy_header_2", "the same in its binary form",
                "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x0a\0\0\x01\x0a\0\0\x02\xc7\x5a\x96\0"sv},
    StrangePeer{"ssh_banner", "ssh, or sshd", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n"},
    StrangePeer{"smtp_greeting", "a mail server", "220 mail.example.org ESMTP Postfix\r\n"},
    StrangePeer{"smtp_client", "a mail client", "EHLO client.example.org\r\n"},
    StrangePeer{"ftp_greeting", "an FTP server", "220 (vsFTPd 3.0.3)\r\n"},
    StrangePeer{"redis_ping", "a Redis client", "*1\r\n$4\r\nPING\r\n"},
    StrangePeer{"mysql_greeting", "a MySQL server",
                "\x4a\0\0\0\x0a"
                "8.0.36\0\x08\0\0\0abcdefgh\0"sv},
    StrangePeer{"postgres_startup", "a PostgreSQL client", "\0\0\0\x08\x04\xd2\x16\x2f"sv},
    StrangePeer{"jdwp_handshake", "a Java debugger", "JDWP-Handshake"},
    StrangePeer{"rmi_handshake", "a Java RMI client", "JRMI\0\x02\x4b"sv},
    StrangePeer{"telnet_options", "telnet", "\xff\xfd\x03\xff\xfb\x18\xff\xfb\x1f"sv},
    StrangePeer{"empty_lines", "somebody at a terminal", "\r\n\r\n\r\n"},
    StrangePeer{
        "garbage", "nobody knows",
        "\x9e\x37\x79\xb9\x7f\x4a\x7c\x15\xbf\x58\x47\x6d\x1c\xe4\xe5\xb9\x94\xd0\x49\xbb\x13\x31\x11\xeb"sv},
    StrangePeer{"zeros", "a scanner", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv},
    StrangePeer{"ones", "a scanner", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv},
    StrangePeer{"swapped_size", "a peer of the other byte order",
                "\0\0\0\x10\0\x69\0\x01\0\0\x30\x11\0\x08\0\0"sv},
    StrangePeer{"endless_message", "a peer that announces more than ever comes", "\0\0\x10\0"sv},
    StrangePeer{"one_byte", "a peer that is interrupted after a byte", "\x10"sv},
    StrangePeer{"three_bytes_and_close", "the same after three, and it leaves", "\x10\0\0"sv, Manner::closes},
    StrangePeer{"half_a_header", "a peer that stops within a header", "\x40\0\0\0\0\x69\0\x01"sv},
    StrangePeer{"echo", "a peer that sends our own bytes back", "", Manner::echoes, false},
    StrangePeer{"silence", "a peer that says nothing", ""},
    StrangePeer{"close", "a probe of the port", "", Manner::closes},
    StrangePeer{"reset", "a probe that is rude", "", Manner::resets},
};

}  // namespace

std::span<const StrangePeer> strangePeers() {
  return kPeers;
}

}  // namespace jitrig
