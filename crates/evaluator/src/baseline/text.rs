//! Values of other crates, read so strictly that the message says what was expected.

/// A date `YYYY-MM-DD`, and nothing else that the date library would also take.
pub(super) mod day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse()
            .ok()
            .filter(|_| shaped)
            .ok_or_else(|| de::Error::custom(format!("expected a date `YYYY-MM-DD`, found `{text}`")))
    }

    pub(in super::super) fn serialize<S: Serializer>(date: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(date)
    }
}

/// Networks, IPv4 or IPv6, none with address bits outside its prefix.
pub(super) mod cidrs {
    use ipnet::IpNet;
    use serde::{Deserialize, Deserializer, Serializer, de};

    struct Cidr(IpNet);

    impl<'de> Deserialize<'de> for Cidr {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let text = String::deserialize(from)?;
            match text.parse::<IpNet>() {
                Ok(network) if network.trunc() == network => Ok(Self(network)),
                Ok(network) => Err(de::Error::custom(format!(
                    "`{text}` has address bits outside its prefix: expected `{}`",
                    network.trunc()
                ))),
                Err(_) => Err(de::Error::custom(format!("expected a network such as `10.9.0.0/16`, found `{text}`"))),
            }
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
        Ok(Vec::<Cidr>::deserialize(from)?.into_iter().map(|Cidr(network)| network).collect())
    }

    pub(in super::super) fn serialize<S: Serializer>(networks: &[IpNet], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(networks)
    }
}
