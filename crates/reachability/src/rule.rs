//! What carries, stops or leaves open a packet at a place, each rule with the page of AWS's documentation that it is from.

macro_rules! rules {
    ($($page:literal { $($name:ident $text:literal $says:literal)* })*) => {
        /// A rule of AWS's networks, by which a packet goes on, ends, or is lost from sight.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $says] $name,)*)*
        }

        impl Rule {
            /// Its name in reports.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($(Rule::$name => $text,)*)* }
            }

            /// What it does, in words; without the thing that does it.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $($(Rule::$name => $says,)*)* }
            }

            /// Whether it is the edge of what was read.
            pub(crate) fn is_boundary(self) -> bool {
                matches!(self, Rule::BeyondPeering | Rule::BeyondTransit | Rule::BeyondVpn | Rule::BeyondTarget)
            }

            /// The title of the page that says so.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self { $($(Rule::$name => $page,)*)* }
            }
        }
    };
}

rules! {
    "IP addressing for your VPCs and subnets" {
        Sender "sender" "sends it"
        Delivered "delivered" "takes it"
        NoInterface "no-interface" "no interface has the address"
        SeveralInterfaces "several-interfaces" "several interfaces have the address"
        NotOurs "not-ours" "no interface seen has the public address"
    }
    "Subnet CIDR blocks" {
        Reserved "reserved-address" "addresses of AWS's own, which neither groups nor network ACLs filter"
    }
    "NAT instances" {
        SourceCheck "source-check" "sends only from its own addresses"
        DestinationCheck "destination-check" "takes only what is sent to its own addresses"
        InstanceUnchanged "instance-unchanged" "forwards it as it is, if the instance does"
        InstanceTranslate "instance-translate" "forwards it with its own address, if the instance does"
        InstanceReply "instance-reply" "forwards the answer to whom it came from"
        InstanceUnknown "instance-unknown" "what the instance does with it is not known"
    }
    "Subnet route tables" {
        InSubnet "in-subnet" "is the subnet of the destination"
        SameSubnet "same-subnet" "the destination is in the same subnet, where neither routes nor network ACLs count"
        SubnetRoute "subnet-route" "sends it on"
        MainRoute "main-route" "sends it on, as the main table of the VPC"
    }
    "Configure route tables" {
        NoRoute "no-route" "has no route for it"
        Blackhole "blackhole" "drops it: the target of the route is gone"
        Local "local" "is the VPC of the destination"
        Loop "loop" "has seen it before: it goes round"
    }
    "How route priority works" {
        RouteTie "route-tie" "has several routes for it, and AWS chooses"
        PrefixListInside "prefix-list-inside" "has a prefix list more specific than the VPC's own block: whether it counts is not said"
    }
    "Gateway route tables" {
        EdgeRoute "edge-route" "sends on what comes in by the gateway"
        EdgeNoPublicAddress "edge-no-public-address" "leads to a middlebox without a public address"
    }
    "Control subnet traffic with network access control lists" {
        AclAllow "acl-allow" "lets it pass"
        AclDeny "acl-deny" "does not let it pass"
    }
    "Security group rules" {
        GroupAllow "group-allow" "lets it pass"
        GroupDeny "group-deny" "does not let it pass"
    }
    "Amazon EC2 security group connection tracking" {
        GroupTracked "group-tracked" "lets the answer pass, whatever the rules are"
        OtherFlow "reply-other-flow" "gets an answer from another address or port than it wrote to"
    }
    "(no read showed it)" {
        NotRead "not-read" "was not seen"
        PrefixListUnread "prefix-list-unread" "has a route to a prefix list that was not seen"
        AclUnknown "acl-unknown" "the network ACL was not seen"
        GroupUnknown "group-unknown" "some security group or a part of its rules was not seen"
        UnknownTarget "unknown-target" "has a route to something that is not known here"
        BeyondTarget "beyond-target" "leads to what was not read"
    }
    "Enable internet access for a VPC using an internet gateway" {
        Internet "internet" "hands it to the internet"
        IgwOut "igw-out" "sends it out with the public address"
        IgwIn "igw-in" "lets it in from the internet"
        IgwNotAttached "igw-not-attached" "is not attached to the VPC"
        NoInternetGateway "no-internet-gateway" "has no internet gateway"
        NoPublicAddress "igw-no-public-address" "sends out nothing of an interface without a public address"
        PrivateDestination "igw-private-destination" "what becomes of private addresses behind it is not said"
    }
    "Private IPv6 addresses" {
        PrivateSource "igw-private-source" "sends out no private IPv6 address"
    }
    "Extend VPC resources to AWS Wavelength Zones" {
        Carrier "carrier" "is the network of a carrier, which was not read"
    }
    "Enable outbound IPv6 traffic using an egress-only internet gateway" {
        EgressOnlyOut "egress-only-out" "sends it out"
        EgressOnlyReply "egress-only-reply" "lets in the answer"
        EgressOnlyIn "egress-only-in" "lets in nothing but answers"
        EgressOnlyIpv4 "egress-only-ipv4" "carries no IPv4"
        EgressOnlyNoBlock "egress-only-no-ipv6-block" "is of a VPC without an IPv6 block"
        EgressOnlyNotAttached "egress-only-not-attached" "is not attached to the VPC"
    }
    "Block public access to VPCs and subnets" {
        BpaBlock "bpa-block" "is closed by VPC Block Public Access"
        BpaExcluded "bpa-excluded" "is open, since an exclusion takes it out of VPC Block Public Access"
        BpaUnknown "bpa-unknown" "whether VPC Block Public Access closes it is not settled"
    }
    "NAT gateways" {
        NatTranslate "nat-translate" "sends it on with its own address"
        NatReply "nat-reply" "sends the answer to whom it came from"
        NatUnsolicited "nat-unsolicited" "takes nothing but answers"
        NatPrivate "nat-private" "is a private gateway, which has no way to the internet"
        NatNotAvailable "nat-not-available" "is not available"
    }
    "NAT gateway basics" {
        NatProtocol "nat-protocol" "carries only TCP, UDP and ICMP"
        NatUnknown "nat-unknown" "is of a kind (regional, several addresses, NAT64) whose way is not known here"
    }
    "How VPC peering connections work" {
        Peering "peering" "carries it to the other VPC"
        PeeringNotActive "peering-not-active" "is not active"
        PeeringNotTransitive "peering-not-transitive" "carries nothing to what is behind the other VPC"
        PeeringUnknown "peering-unknown" "whether it carries what a NAT gateway or another network sends is not settled"
        BeyondPeering "beyond-peering" "leads to a VPC that was not read"
    }
    "Amazon VPC attachments in AWS Transit Gateway" {
        Transit "transit" "brings it from another network"
        TransitNotAttached "transit-not-attached" "is not attached to the VPC"
        TransitZone "transit-zone" "has no subnet in the zone of the sender"
        BeyondTransit "beyond-transit" "leads to networks that were not read"
    }
    "How AWS Site-to-Site VPN works" {
        BeyondVpn "beyond-vpn" "leads to a network that was not read"
        VpnIn "vpn-in" "brings it from another network"
        VpnNotAttached "vpn-not-attached" "is not attached to the VPC"
        VpnNotTransitive "vpn-not-transitive" "carries nothing to what is behind the VPC"
        Returned "returned" "takes back the answer"
    }
    "Gateway endpoints" {
        EndpointService "endpoint-service" "hands it to the service"
        EndpointNotAvailable "endpoint-not-available" "is not available"
        EndpointNotExtended "endpoint-not-extended" "serves only what is in the VPC"
        EndpointUnknown "endpoint-unknown" "whether it serves this is not settled"
    }
    "Access virtual appliances through AWS PrivateLink" {
        BalancerEndpoint "balancer-endpoint" "hands it to appliances, which may give it back"
    }
    "Example routing options" {
        OtherPlace "reply-other-place" "gets an answer that was for someone else"
    }
}
